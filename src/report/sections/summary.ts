import { clock } from "../../util/clock.ts";
import { bestRow } from "../epoch-table.ts";
import { type Html, html } from "../html.ts";
import type { RunReport } from "../run-report.ts";
import { percent, share } from "../text.ts";
import { trainingSeconds } from "./timing.ts";

/** The few numbers that a report begins with. */
export function summary(report: RunReport): Html {
  const { examined, table } = report;
  const best = bestRow(table);
  const figures: [string, string][] = [
    ["accuracy without void", percent(examined.metrics.acc_camvid)],
    ["mean IoU without void", share(examined.metrics.mean_iou)],
    ["validation loss", share(examined.loss)],
    ["calibration error", percent(examined.calibration.error)],
    [`best of ${table.rows.length} epochs, counted from 0`, best === null ? "–" : `epoch ${table.rows[best]![0]}`],
    ["training time", clock(trainingSeconds(report))],
  ];
  return html`<div class="figures">
    ${figures.map(([name, value]) => html`<div class="figure"><b>${value}</b><span class="quiet">${name}</span></div>`)}
  </div>`;
}
