import { basename } from "node:path";
import { SegmentationData } from "../data/databunch.node.ts";
import { hashDataset } from "../data/dataset-hash.node.ts";
import { cardOf } from "../inference/card.ts";
import type { Learner } from "../train/learner.ts";
import type { Recorder } from "../train/recorder.ts";
import { resultColumns, resultRow } from "../train/results.ts";
import { machine, versions } from "../train/run-origin.node.ts";
import { ConfigError } from "../util/errors.ts";
import { choosePictures } from "./choose-pictures.ts";
import { examine } from "./examine.node.ts";
import type { EpochTable, ReportedRecord } from "./run-report.ts";
import { writeReportPage } from "./write-report.node.ts";

/** What a learner's report says and shows beside what the learner knows. */
export interface WriteReportOptions {
  /** What the report is called; default the file's name. */
  readonly name?: string;
  /** What else there is to know of the run, by name, such as the encoder's weights: shown among the options. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** How many of the predictions with the highest losses are shown; default 3. */
  readonly top?: number;
  /** Told what is under way, and how much of it is done. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Ends it by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Steps that a report draws at most. */
const mostSteps = 4000;

/**
 * Writes the report of a learner as one HTML file that needs nothing beside itself: what it was trained on, its last fit,
 * every plot, and its validation pictures as it predicts them now. `segkit train` writes the same for its runs.
 * @throws ConfigError for a learner whose data are not files or whose encoder is none of segkit's, ResourceError when the
 * file cannot be written, the signal's reason.
 * @example
 * await learner.fitOneCycle(10);
 * await writeReport("report.html", learner, { args: { note: "first try" }, top: 6 });
 */
export async function writeReport(file: string, learner: Learner, options: WriteReportOptions = {}): Promise<void> {
  const { name = basename(file).replace(/\.html?$/i, ""), args = {}, top, onProgress, signal } = options;
  const { data, recorder } = learner;
  if (!(data instanceof SegmentationData))
    throw new ConfigError("writeReport: the learner's data are not files, of which a report shows pictures", {
      hint: "Make the data with databunch or the data block.",
    });
  const card = cardOf(learner.model, data);
  const told = (what: string) => (done: number, total: number) => onProgress?.(what, done, total);
  const aborting = signal && { signal };
  const { data: hash, split } = await hashDataset(data.dataset, {
    ...aborting,
    onProgress: told("hashing the dataset"),
  });
  const choose = (pictures: Parameters<typeof choosePictures>[0]) => choosePictures(pictures, 3, top);
  const examined = await examine(learner, data.dataset, { ...aborting, ...(onProgress && { onProgress }), choose });
  const { train, valid } = data.dataset;
  const record = { data: { train: train.length, valid: valid.length, hash, split }, ...originOf(learner) };
  const known = { data: data.path, bs: data.train.batchSize, lr: highest(recorder.lrs), loss: learner.lossName };
  const report = { name, path: null, args: { ...known, ...args }, card, table: tableOf(learner), record, examined };
  await writeReportPage(file, [report], told("drawing plots"));
}

/** With what the last fit was, and what its steps and epochs did. */
function originOf({ engine, recorder, data }: Learner): Omit<ReportedRecord, "data"> {
  const epochs = recorder.epochs.map(({ epoch, seconds }, i) => {
    const batches = recorder.nbBatches[i] ?? 0;
    return { epoch, batches, pictures: batches * data.train.batchSize, seconds };
  });
  return { format: 1, versions: versions(), machine: machine(engine.description), steps: stepsOf(recorder), epochs };
}

function stepsOf({ losses, lrs, moms }: Recorder): ReportedRecord["steps"] {
  const every = Math.max(Math.ceil(losses.length / mostSteps), 1);
  const some = (values: readonly number[]): number[] => values.filter((_, i) => i % every === 0);
  return { batch: some([...losses.keys()]), loss: some(losses), lr: some(lrs), momentum: some(moms) };
}

function tableOf({ metrics, recorder }: Learner): EpochTable {
  return { columns: resultColumns(metrics.map(({ title }) => title)), rows: recorder.epochs.map(resultRow) };
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b));
}
