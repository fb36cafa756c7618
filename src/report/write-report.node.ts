import { join } from "node:path";
import type { Theme } from "../plots/theme.ts";
import { writePlot } from "../plots/write-plot.node.ts";
import { writeWhole } from "../util/files.node.ts";
import { comparisonPage } from "./comparison-page.node.ts";
import { reportPage } from "./report-page.node.ts";
import { confusionOf, plotsOf } from "./report-plots.ts";
import type { RunReport } from "./run-report.ts";

/** Told how many plots of how many are drawn. */
type OnPlot = (done: number, total: number) => void;

/**
 * Writes the report of a run, or the comparison of several, as one HTML file that needs nothing beside itself.
 * @throws ResourceError when the file cannot be written.
 */
export async function writeReportPage(file: string, reports: readonly RunReport[], onPlot?: OnPlot): Promise<void> {
  const [first] = reports;
  if (!first) throw new Error("internal: a report of no runs");
  await writeWhole(file, [await (reports.length === 1 ? reportPage(first, onPlot) : comparisonPage(reports))]);
}

/**
 * Writes every plot of a report into a folder, each as a file of its own; returns the files.
 * @throws ResourceError when a file cannot be written.
 */
export async function writePlots(
  folder: string,
  report: RunReport,
  { format, theme, onPlot }: { readonly format: "svg" | "png"; readonly theme: Theme; readonly onPlot?: OnPlot },
): Promise<string[]> {
  const files: string[] = [];
  const plots = [...plotsOf(report), confusionOf(report)];
  onPlot?.(0, plots.length);
  for (const { name, draw } of plots) {
    const file = join(folder, `${name}.${format}`);
    await writePlot(file, await draw(theme));
    files.push(file);
    onPlot?.(files.length, plots.length);
  }
  return files;
}
