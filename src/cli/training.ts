import { join } from "node:path";
import { isBadPicture } from "../data/bad-pictures.ts";
import { metrics } from "../metrics/index.ts";
import { examine } from "../report/examine.node.ts";
import { readRun } from "../report/read-run.node.ts";
import { writeReportPage } from "../report/write-report.node.ts";
import { RecordRun } from "../train/record-run.node.ts";
import { writeResultsPicture } from "../train/results-picture.node.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import { SaveRun } from "../train/save-run.node.ts";
import { DivergedError, Interrupted, messageOf } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { checkGates } from "./gates.ts";
import type { Output } from "./output.ts";
import { minutesFor, phasesOf, trainPhases, type Training } from "./phases.ts";
import { RateBar } from "./rate-bar.ts";
import { fingerprint } from "./resume.ts";
import { runFacts } from "./run-facts.ts";
import { endingCallbacks, loggingCallbacks } from "./train-callbacks.ts";
import { TrainLog } from "./train-log.ts";

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
    const before = checkpoint && (await run.readRecord());
    noteEngine(before?.machine.engine, training.facts.engine, output);
    const facts = await runFacts(
      soundOf(training).dataset,
      { ...training.facts, data: before?.data },
      { output, signal },
    );
    record = await RecordRun.begin(run, facts, onWarning);
    await trainPhases(training, saver, { output, signal }, (index) => {
      log.first = record!.first = saver.first;
      const minutes = minutesFor(settings, phases, index, saver.seconds);
      return [log, record!, ...logging, ...endingCallbacks(settings, monitor, minutes)];
    });
    await learner.loadStateDict((await run.readWeights("best")).state);
    const sound = soundOf(training);
    await drawResults(sound, output);
    const reported = !settings.noReport && (await reportRun(sound, { output, signal }, onWarning));
    // Only now is there nothing left to continue.
    await run.checkpoints.remove();
    report(saver, run, reported, output);
  } catch (error) {
    await explainEnd(error, saver, training, output);
    throw error;
  }
  if (saver.best) checkGates(saver.best, settings);
}

/** A training without the pictures that were left out. */
function soundOf(training: Training): Training {
  const { dataset, bad } = training;
  if (!bad) return training;
  const [train, valid] = [bad.pictures.without(dataset.train), bad.pictures.without(dataset.valid)];
  return { ...training, dataset: { ...dataset, train, valid } };
}

/** Says so where a run goes on with something else that computes. */
function noteEngine(before: string | undefined, now: string, output: Output): void {
  if (before === undefined || before === now) return;
  output.note(`note: the run was on ${before} so far; on ${now} its last digits may be others`);
}

/** Writes results.png of the best weights, which the learner holds. */
async function drawResults({ learner, dataset, run, settings: { theme } }: Training, output: Output): Promise<void> {
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onProgress = (done: number, total: number): void => rate.update("drawing results", done, total);
    await writeResultsPicture(run.file("results.png"), learner, dataset, { theme, onProgress });
  } finally {
    bar.clear();
  }
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
    const onPlot = (done: number, total: number): void => rate.update("drawing plots", done, total);
    await writeReportPage(run.file("report.html"), [await readRun(run, card, examined)], onPlot);
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
    const from = `continue from ${saver.newest ?? "the last checkpoint"}`;
    const written = error instanceof Interrupted ? "checkpoint written; continue" : from;
    const skip = isBadPicture(error) ? "; --on-bad skip leaves such pictures out" : "";
    output.note(`${written} with: segkit train --resume --out ${quoted(run.path)}${skip}`);
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
