import { dirname, resolve } from "node:path";
import { type DataReport, examine } from "../../data/check/examine.node.ts";
import { isDescription, openSource } from "../../data/check/examine-dataset.node.ts";
import type { Severity } from "../../data/check/finding-rules.ts";
import { dataReportPage } from "../../report/data-page.node.ts";
import { type Advice, adviseSizes } from "../../train/size-advice.ts";
import { clock } from "../../util/clock.ts";
import { ConfigError, DataError } from "../../util/errors.ts";
import { makeFolder, writeWhole } from "../../util/files.node.ts";
import { freeMemory } from "../../util/free-memory.node.ts";
import type { CommandIo } from "../command.ts";
import { adviceLines, classLines, findingLines } from "../data-check-lines.ts";
import { type MaskArguments, masksOf } from "../data-options.ts";
import { folderOf } from "../data-source.ts";
import { RateBar } from "../rate-bar.ts";

export type DataCheckOptions = MaskArguments & {
  readonly report?: string;
  readonly workers?: number;
  readonly allowOutside: boolean;
};

/**
 * Reads a whole dataset and says what is wrong with it and what is in it.
 * @throws DataError where training on it would fail or be wrong.
 */
export async function checkData(data: string, options: DataCheckOptions, io: CommandIo): Promise<void> {
  const { output, signal } = io;
  const { report: file, workers, allowOutside } = options;
  if (file !== undefined) await requireReportFile(file);
  const masks = await masksOf(options);
  const source = await openSource((await isDescription(data)) ? data : await folderOf(data, io), {
    masks,
    allowOutside,
  });
  const bar = output.bar();
  const rate = new RateBar(bar);
  const start = performance.now();
  const report = await examine(source, {
    ...(workers === undefined ? {} : { workers }),
    signal,
    onProgress: (done, total, what) => rate.update(`${what} pictures`, done, total),
  }).finally(() => bar.clear());
  const seconds = (performance.now() - start) / 1000;
  const advice = adviseSizes(report, freeMemory());
  tell(report, advice, seconds, io);
  if (file !== undefined) {
    await writeWhole(file, [await dataReportPage(report, source, advice)]);
    output.line(`report: ${file}`);
    output.event("report", { file });
  }
  requireSound(report);
}

async function requireReportFile(file: string): Promise<void> {
  if (!/\.html?$/i.test(file))
    throw new ConfigError(`--report: expected a file name that ends in .html, but received ${file}`);
  await makeFolder(dirname(resolve(file)));
}

function tell(report: DataReport, advice: Advice | null, seconds: number, { output }: CommandIo): void {
  const { name, pictures, classes, findings, notes, sizes, classWeights } = report;
  const count = pictures.train + pictures.valid + pictures.test;
  const test = pictures.test === 0 ? "" : `, ${pictures.test} test`;
  output.line(
    `${name}: ${pictures.train} training, ${pictures.valid} validation${test} pictures, ${classes.length} classes, checked in ${clock(seconds)} (${(count / seconds).toFixed(0)} pictures/s)`,
  );
  for (const note of notes) output.line(`note: ${note}`);
  for (const finding of findings) {
    output.line(`\n${findingLines(finding).join("\n")}`);
    const { kind, severity, title, remedy, places } = finding;
    output.event("finding", { kind, severity, title, remedy, count: places.length, places });
  }
  output.line(`\n${[...classLines(report), "", ...adviceLines(report, advice)].join("\n")}\n`);
  output.line(verdict(report));
  output.event("check", {
    ...{ data: name, pictures, ...severities(report), notes, sizes, classes, classWeights, advice },
    seconds: Number(seconds.toFixed(3)),
  });
}

/** How many kinds of findings there are of each severity. */
function severities({ findings }: DataReport): Record<`${Severity}s`, number> {
  const count = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length;
  return { errors: count("error"), warnings: count("warning"), notes: count("note") };
}

function verdict(report: DataReport): string {
  const { errors, warnings } = severities(report);
  const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${many(errors, "kind")} of errors, ${many(warnings, "kind")} of warnings`;
}

function requireSound({ name, findings }: DataReport): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const kinds = errors.map(({ kind, places }) => `${kind} (${places.length})`).join(", ");
  throw new DataError(`data check: training on ${name} would fail or be wrong: ${kinds}`, {
    hint: "What to do is said with each of them, above.",
  });
}
