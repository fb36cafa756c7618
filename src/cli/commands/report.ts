import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type Chosen, choosePictures } from "../../report/choose-pictures.ts";
import { examine } from "../../report/examine.node.ts";
import { readRun } from "../../report/read-run.node.ts";
import type { RunReport } from "../../report/run-report.ts";
import { writePlots, writeReportPage } from "../../report/write-report.node.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { requireWritable } from "../../util/files.node.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { RateBar } from "../rate-bar.ts";
import { openTrained } from "../trained-run.ts";

const options = z.object({
  out: fields
    .text("FILE")
    .optional()
    .describe("the file to write; default report.html in the run's folder, or here for several runs"),
  data: fields.text("DATA").optional().describe("streets or a folder; default what each run was trained on"),
  weights: fields.word(["best", "last"]).default("best").describe("which weights of the runs"),
  top: fields.integer(1).optional().describe("how many of the predictions with the highest losses to show; default 3"),
  plots: fields.word(["svg", "png"]).optional().describe("write the plots of one run as files too, into its plots/"),
  theme: fields.theme("colours of the files of --plots"),
  bs: fields.integer(1).default(8).describe("pictures of a batch"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
  backend: fields.backend(),
});

export const report = defineCommand({
  name: "report",
  summary: "write what a run did as one HTML file, or compare several runs in one",
  usage: "RUN [RUN …] [--out FILE]",
  options,
  async run(context) {
    const { options: given, positionals: paths, output } = context;
    requireRuns(paths, given);
    const file = given.out ?? (paths.length === 1 ? join(paths[0]!, "report.html") : "report.html");
    // What is wrong with a run or the file is found out before a minute is spent on the first one.
    for (const path of paths) await new RunFolder(path).readResults();
    await requireFile(file);
    const reports: RunReport[] = [];
    for (const path of paths) reports.push(await reportOf(path, reports[0], context));
    const bar = output.bar();
    const rate = new RateBar(bar);
    const onPlot = (done: number, total: number): void => rate.update("drawing plots", done, total);
    const folder = join(paths[0]!, "plots");
    const plots = await writeReportPage(file, reports, onPlot)
      .then(() => given.plots && writePlots(folder, reports[0]!, { format: given.plots, theme: given.theme, onPlot }))
      .finally(() => bar.clear());
    output.line(`report in ${file}`);
    if (plots) output.line(`${plots.length} plots in ${dirname(plots[0]!)}`);
    output.event("end", { out: file, runs: paths, ...(plots && { plots }) });
  },
});

type Context = CommandContext<typeof options>;

/** @param first the first run of a comparison, whose pictures the others show too. */
async function reportOf(path: string, first: RunReport | undefined, context: Context): Promise<RunReport> {
  const { output, signal } = context;
  output.line(`examining ${path}`);
  const trained = await openTrained("report", path, context.options, { output, signal });
  const { run, card, dataset, learner } = trained;
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const examined = await examine(learner, dataset, {
      signal,
      onProgress: (what, done, total) => rate.update(what, done, total),
      choose: (pictures) => (first ? sameAs(first, pictures) : choosePictures(pictures, 3, context.options.top)),
    });
    return await readRun(run, card, examined);
  } finally {
    bar.clear();
    await trained.close();
  }
}

/** The pictures that a run's report shows, as far as another run has validated on them too. */
function sameAs({ examined }: RunReport, pictures: RunReport["examined"]["pictures"]): Chosen[] {
  return examined.shown.flatMap(({ id, rank }) => {
    const score = pictures.find((picture) => picture.id === id);
    return score ? [{ rank, score }] : [];
  });
}

function requireRuns(paths: readonly string[], { plots }: z.infer<typeof options>): void {
  if (paths.length === 0)
    throw new ConfigError("report: expected a run folder, but received none", {
      hint: "Write segkit report RUN, or segkit report RUN1 RUN2 to compare them.",
    });
  if (plots !== undefined && paths.length > 1)
    throw new ConfigError(`report: --plots writes the plots of one run, but received ${paths.length} runs`, {
      hint: "Leave --plots out, or report the runs one by one.",
    });
}

/** Throws a ConfigError for a folder, a ResourceError for a place that cannot be written. */
async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.isDirectory())
    throw new ConfigError(`report: --out ${file} is a folder`, { hint: "Name a file, such as report.html." });
  await requireWritable(dirname(resolve(file)));
}
