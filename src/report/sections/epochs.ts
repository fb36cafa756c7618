import { bestRow } from "../epoch-table.ts";
import { html } from "../html.ts";
import type { Section } from "../section.ts";
import type { RunReport } from "../run-report.ts";
import { scroll } from "../text.ts";

/** results.csv as it is, the best epoch set off. */
export function epochs({ table, path }: Pick<RunReport, "table" | "path">): Section {
  const best = bestRow(table);
  const rows = table.rows.map(
    (row, i) =>
      html`<tr class="${i === best && "best"}">
        ${row.map((cell, c) => (c === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}
      </tr> `,
  );
  const head = html`<tr>
    ${table.columns.map((column) => html`<th scope="col">${column}</th>`)}
  </tr>`;
  const body = html`<p class="quiet">
      The best epoch, by mean IoU, is set in bold${path === null ? "." : "; its weights are weights/best.safetensors."}
    </p>
    ${scroll(
      html`<table>
        <thead>
          ${head}
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>`,
      "Epochs",
    )}`;
  return { id: "epochs", title: "Epochs", body };
}
