import { clock } from "../../util/clock.ts";
import { html } from "../html.ts";
import type { Section } from "../section.ts";
import type { RunReport } from "../run-report.ts";
import { type Fact, facts, scroll } from "../text.ts";

/** The time of all epochs, in seconds; to the second where only results.csv has it. */
export function trainingSeconds({ record, table }: Pick<RunReport, "record" | "table">): number {
  const seconds =
    record !== null && record.epochs.length === table.rows.length
      ? record.epochs.map((epoch) => epoch.seconds)
      : table.rows.map((row) => secondsOf(row[table.columns.indexOf("time")] ?? ""));
  return seconds.reduce((sum, each) => sum + each, 0);
}

/** How long everything took. */
export function timing(report: RunReport): Section {
  const { record, examined, table } = report;
  const seconds = trainingSeconds(report);
  const rows: Fact[] = [
    ["All epochs", `${clock(seconds)}, ${perEpoch(seconds / Math.max(table.rows.length, 1))}`],
    ["Validation at the end", `${examined.seconds.toFixed(1)} s for ${examined.pictures.length} pictures`],
    ["Computed on", record?.machine.engine],
  ];
  const epochs =
    record !== null &&
    record.epochs.length > 0 &&
    scroll(
      html`<table>
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            <th scope="col">Steps</th>
            <th scope="col">Seconds</th>
            <th scope="col">Training pictures a second</th>
          </tr>
        </thead>
        <tbody>
          ${record.epochs.map(
            ({ epoch, batches, pictures, seconds: taken }) =>
              html`<tr>
                <th scope="row">${epoch}</th>
                <td>${batches}</td>
                <td>${taken.toFixed(1)}</td>
                <td>${(pictures / taken).toFixed(1)}</td>
              </tr> `,
          )}
        </tbody>
      </table>`,
      "Time of every epoch",
    );
  const body = html`${facts(rows)}${epochs}
    <p class="quiet">The time of an epoch includes its validation.</p>`;
  return { id: "timing", title: "Timing", body };
}

function perEpoch(seconds: number): string {
  return `${seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds)} an epoch`;
}

/** m:ss or h:mm:ss as seconds. */
function secondsOf(text: string): number {
  return text.split(":").reduce((sum, part) => 60 * sum + (Number.parseInt(part, 10) || 0), 0);
}
