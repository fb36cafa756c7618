import { join } from "node:path";
import type { SegmentationDataset } from "../data/dataset.ts";
import type { ModelCard } from "../inference/card.ts";
import { metrics } from "../metrics/index.ts";
import type { Slice } from "../optim/groups.ts";
import { examine } from "../report/examine.node.ts";
import { readRun } from "../report/read-run.node.ts";
import { writeReport } from "../report/write-report.node.ts";
import type { Callback } from "../train/callback.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import type { Learner } from "../train/learner.ts";
import { RecordRun } from "../train/record-run.node.ts";
import { writeResultsPicture } from "../train/results-picture.node.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import { SaveRun } from "../train/save-run.node.ts";
import { DivergedError, Interrupted, messageOf } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { checkGates } from "./gates.ts";
import type { Output } from "./output.ts";
import { RateBar } from "./rate-bar.ts";
import { fingerprint } from "./resume.ts";
import { runFacts } from "./run-facts.ts";
import { endingCallbacks, loggingCallbacks } from "./train-callbacks.ts";
import { TrainLog } from "./train-log.ts";
import type { TrainOptions } from "./train-options.ts";

/** A run whose arguments and data are checked and whose folder is there. */
export interface Training {
  readonly learner: Learner;
  readonly dataset: SegmentationDataset;
  readonly run: RunFolder;
  readonly card: ModelCard;
  readonly settings: TrainOptions;
  /** The highest learning rate. */
  readonly lr: number | Slice;
  /** Where an interrupted run stood. */
  readonly checkpoint: Checkpoint | undefined;
  /** What run.json tells of the run beside what is found out of the data and the machine. */
  readonly facts: Parameters<typeof runFacts>[1];
}

/** One of the fits of a run. */
interface Phase {
  /** Whether only the decoder trains. */
  readonly frozen: boolean;
  readonly epochs: number;
}

function phasesOf({ freezeEpochs, epochs }: TrainOptions): Phase[] {
  return [
    { frozen: true, epochs: freezeEpochs },
    { frozen: false, epochs },
  ].filter((phase) => phase.epochs > 0);
}

/** The metric that says which epoch is best. */
const monitor = metrics.meanIou;

/**
 * Trains, keeps the run folder, and says what came out. A run that ends before its first batch leaves no folder.
 * @throws what the training throws; a QualityError when a gate is not reached.
 */
export async function runTraining(training: Training, { output, signal }: CommandIo): Promise<void> {
  const { learner, dataset, run, settings, card, checkpoint } = training;
  const phases = phasesOf(settings);
  const earlier = checkpoint?.earlier ?? [];
  const onWarning = (message: string): void => output.note(`warning: ${message}`);
  const log = new TrainLog(output, {
    ...{ earlier, metrics: learner.metrics.map(({ title }) => title), validBatches: learner.data.valid.length },
    epochs: phases.reduce((sum, { epochs }) => sum + epochs, 0),
  });
  const logging = loggingCallbacks(settings, run.path, output);
  let record: RecordRun | undefined;
  const saver = new SaveRun(learner, run, {
    ...{ card, earlier, monitor, phases: phases.length, data: fingerprint(dataset), seed: settings.seed },
    ...{ best: await run.readBest(), every: settings.saveEvery * 60, along: async () => record?.write(), onWarning },
  });
  try {
    const facts = await runFacts(dataset, training.facts, { output, signal });
    await noteEngine(training, output);
    record = await RecordRun.begin(run, facts, onWarning);
    for (const [index, phase] of phases.entries()) {
      if (index < (checkpoint?.phase ?? 0)) continue;
      saver.begin(index);
      log.first = record.first = saver.first;
      const from = checkpoint?.phase === index ? checkpoint : undefined;
      const ending = endingCallbacks(settings, monitor, minutesFor(settings, phases, index, saver.seconds));
      await fitPhase(training, phase, from, [log, record, saver, ...logging, ...ending], signal);
    }
    await learner.loadStateDict((await run.readWeights("best")).state);
    await writeResultsPicture(run.file("results.png"), learner, dataset);
    const reported = !settings.noReport && (await reportRun(training, { output, signal }, onWarning));
    // Only now is there nothing left to continue.
    await run.checkpoints.remove();
    report(saver, run, reported, output);
  } catch (error) {
    await explainEnd(error, saver, training, output);
    throw error;
  }
  if (saver.best) checkGates(saver.best, settings);
}

/** Says so where a run goes on with something else that computes. */
async function noteEngine({ run, facts, checkpoint }: Training, output: Output): Promise<void> {
  const before = checkpoint && (await run.readRecord())?.machine.engine;
  if (before === undefined || before === facts.engine) return;
  output.note(`note: the run was on ${before} so far; on ${facts.engine} its last digits may be others`);
}

/** What a fit may take of the time budget, when so many seconds are spent: its share by the epochs that are left. */
function minutesFor(
  { timeBudget }: TrainOptions,
  phases: readonly Phase[],
  index: number,
  spent: number,
): number | undefined {
  if (timeBudget === undefined) return undefined;
  const left = phases.slice(index).reduce((sum, { epochs }) => sum + epochs, 0);
  // A fit that comes too late still has its first batch, and its validation.
  return Math.max(((timeBudget - spent / 60) * phases[index]!.epochs) / left, 1e-3);
}

async function fitPhase(
  { learner, lr, settings }: Training,
  { frozen, epochs }: Phase,
  checkpoint: Checkpoint | undefined,
  callbacks: readonly Callback[],
  signal: AbortSignal,
): Promise<void> {
  await (frozen ? learner.freeze() : learner.unfreeze());
  if (checkpoint) await learner.engine.setOptimizerState(checkpoint.optimizer);
  const { schedule, pctStart, moms, div: divFactor, finalDiv } = settings;
  const options = { callbacks, signal, ...(moms && { moms }), ...(checkpoint && { from: checkpoint.position }) };
  if (schedule === "constant") return learner.fit(epochs, lr, options);
  if (schedule === "flat-cos") return learner.fitFlatCos(epochs, lr, options);
  return learner.fitOneCycle(epochs, lr, {
    ...{ ...options, pctStart },
    ...(divFactor !== undefined && { divFactor }),
    ...(finalDiv !== undefined && { finalDiv }),
  });
}

/** Writes report.html of the best weights, which the learner holds; a run without one is complete all the same. */
async function reportRun(
  { learner, dataset, run, card }: Training,
  { output, signal }: CommandIo,
  onWarning: (message: string) => void,
): Promise<boolean> {
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onProgress = (what: string, done: number, total: number): void => rate.update(what, done, total);
    const examined = await examine(learner, dataset, { signal, onProgress });
    await writeReport(run.file("report.html"), [await readRun(run, card, examined)]);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    onWarning(`no report: ${messageOf(error)}; write it with: segkit report ${quoted(run.path)}`);
    return false;
  } finally {
    bar.clear();
  }
}

/** Says what is left of a run that ended early, and takes its folder back when that is nothing. */
async function explainEnd(
  error: unknown,
  saver: SaveRun,
  { run, checkpoint }: Training,
  output: Output,
): Promise<void> {
  if (!saver.trained && !checkpoint) {
    await run.discard();
    output.note("nothing was trained yet, so no run folder is kept");
  } else if (!(error instanceof DivergedError) && (await run.checkpoints.exist())) {
    const written = error instanceof Interrupted ? "checkpoint written; continue" : "continue from the last checkpoint";
    output.note(`${written} with: segkit train --resume --out ${quoted(run.path)}`);
  }
}

function report({ best }: SaveRun, run: RunFolder, reported: boolean, output: Output): void {
  if (!best) return;
  const values = Object.entries(best.metrics).map(([title, value]) => `${title} ${value.toFixed(4)}`);
  output.line(`best epoch ${best.epoch}: ${values.join(", ")}`);
  const files = ["results.csv", "results.png", ...(reported ? ["report.html"] : [])];
  output.line(`results in ${run.path}: ${files.join(", ")}, ${join("weights", "best.safetensors")}`);
  output.line(`predict with: segkit predict ${quoted(run.path)} FILE|FOLDER --out DIR`);
  const end = { run: run.path, best: { epoch: best.epoch, ...best.metrics } };
  output.event("end", { ...end, ...(reported && { report: run.file("report.html") }) });
}

/** A path as it can be pasted into a shell. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
