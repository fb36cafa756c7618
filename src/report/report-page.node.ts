import { type Html, html } from "./html.ts";
import { inlinePlot } from "./inline-svg.ts";
import { page } from "./page.node.ts";
import { plotsOf } from "./report-plots.ts";
import type { RunReport } from "./run-report.ts";
import type { Section } from "./section.ts";
import { classes } from "./sections/classes.ts";
import { confusion } from "./sections/confusion.ts";
import { epochs } from "./sections/epochs.ts";
import { pictures } from "./sections/pictures.ts";
import { provenance } from "./sections/provenance.ts";
import { summary } from "./sections/summary.ts";
import { timing } from "./sections/timing.ts";
import { usage } from "./sections/usage.ts";

/**
 * The report of a run as the text of one HTML file.
 * @param onPlot told how many plots of how many are drawn.
 */
export async function reportPage(report: RunReport, onPlot?: (done: number, total: number) => void): Promise<string> {
  const { name, card, record } = report;
  return page({
    title: name,
    subtitle: `U-Net with ${card.architecture.encoder} on ${card.classes.length} classes at ${card.size.join("×")}`,
    lead: summary(report),
    sections: [
      pictures(report),
      classes(report),
      await plots(report, onPlot),
      await confusion(report),
      epochs(report),
      provenance(report),
      timing(report),
      usage(report),
    ],
    footer: footer(record),
  });
}

export function footer(record: RunReport["record"]): string {
  return `Written by segkit ${record?.versions.segkit ?? ""}`.trim();
}

async function plots(report: RunReport, onPlot?: (done: number, total: number) => void): Promise<Section> {
  const drawn: Html[] = [];
  const all = plotsOf(report);
  onPlot?.(0, all.length);
  for (const plot of all) {
    drawn.push(await inlinePlot(plot));
    onPlot?.(drawn.length, all.length);
  }
  const { counted, of } = report.examined.balance;
  const sample = counted < of && html`<p class="quiet">The class balance was counted on ${counted} of ${of} masks.</p>`;
  return {
    id: "plots",
    title: "Plots",
    body: html`<div class="plots">${drawn}</div>
      ${sample}`,
  };
}
