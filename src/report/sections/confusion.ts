import { html } from "../html.ts";
import { inlinePlot } from "../inline-svg.ts";
import type { Section } from "../section.ts";
import { confusionOf } from "../report-plots.ts";
import type { RunReport } from "../run-report.ts";
import { percent, scroll } from "../text.ts";

/** The confusion matrix, and the pairs that are confused most. */
export async function confusion(report: RunReport): Promise<Section> {
  const rows = report.examined.mostConfused.map(
    ({ truth, predicted, pixels, share }) =>
      html`<tr>
        <th scope="row">${truth}</th>
        <td class="text">${predicted}</td>
        <td>${pixels.toLocaleString("en")}</td>
        <td>${percent(share)}</td>
      </tr> `,
  );
  const pairs =
    rows.length > 0 &&
    html`<h3>Most confused</h3>
      ${scroll(
        html`<table>
          <thead>
            <tr>
              <th scope="col">True class</th>
              <th class="text" scope="col">Predicted as</th>
              <th scope="col">Pixels</th>
              <th scope="col">Of the class</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`,
        "Most confused classes",
      )}`;
  const body = html`${await inlinePlot(confusionOf(report))}${pairs}`;
  return { id: "confusion", title: "Confusion matrix", body };
}
