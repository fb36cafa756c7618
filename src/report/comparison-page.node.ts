import { type RunsPanel, runsPlot } from "../plots/runs.ts";
import { caveats, classesSideBySide, runNames, sideBySide } from "./comparison.ts";
import { columnOf, metricColumns } from "./epoch-table.ts";
import { type Html, html } from "./html.ts";
import { inlinePlot } from "./inline-svg.ts";
import { page } from "./page.node.ts";
import { footer } from "./report-page.node.ts";
import type { RunReport } from "./run-report.ts";
import { controls, slider } from "./sections/pictures.ts";
import { legend } from "./text.ts";

/** Several runs side by side as the text of one HTML file. */
export async function comparisonPage(reports: readonly RunReport[]): Promise<string> {
  const notes = caveats(reports).map((text) => html`<p class="note">${text}</p>`);
  return page({
    title: `${reports.length} runs compared`,
    subtitle: runNames(reports).join(" · "),
    lead: html`${notes}`,
    sections: [
      { id: "runs", title: "Runs", body: sideBySide(reports) },
      { id: "curves", title: "Curves", body: await curves(reports) },
      {
        id: "classes",
        title: "IoU of the classes",
        body: html`<p class="quiet">Without void; the best of each in bold.</p>
          ${classesSideBySide(reports)}`,
      },
      { id: "pictures", title: "Predictions", body: pictures(reports), className: "pictures" },
    ],
    footer: footer(reports[0]?.record ?? null),
  });
}

async function curves(reports: readonly RunReport[]): Promise<Html> {
  const names = runNames(reports);
  const columns = ["train_loss", "valid_loss", ...new Set(reports.flatMap(({ table }) => metricColumns(table)))];
  const panels = columns.map((title): RunsPanel => {
    const runs = reports.map(({ table }, i) => {
      const [epochs, values] = [columnOf(table, "epoch"), columnOf(table, title)];
      return { name: names[i]!, points: values.map((y, at) => ({ x: epochs[at]!, y })) };
    });
    return { title, runs };
  });
  const title = "Losses and metrics of the runs over their epochs";
  return inlinePlot({ name: "curves", title, draw: (theme) => runsPlot(panels, { theme }) });
}

/** The same pictures under the masks of every run that has predicted them. */
function pictures(reports: readonly RunReport[]): Html {
  const names = runNames(reports);
  const ids = [...new Set(reports.flatMap(({ examined }) => examined.shown.map(({ id }) => id)))];
  const groups = ids.map((id) => {
    const sliders = reports.map(({ examined }, i) => {
      const shown = examined.shown.find((each) => each.id === id);
      return shown && slider(shown, names[i]);
    });
    return html`<h3>${id}</h3>
      <div class="pairs">${sliders}</div> `;
  });
  return html`<p class="quiet">Left of the line is the truth, right of it the prediction.</p>
    ${controls()}${legend(reports[0]!.card)}${groups}`;
}
