import type { SegmentationDataset } from "../data/dataset.ts";
import type { ModelCard } from "../inference/card.ts";
import type { Slice } from "../optim/groups.ts";
import type { Callback } from "../train/callback.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import type { FitOptions, Learner } from "../train/learner.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import type { SaveRun } from "../train/save-run.node.ts";
import type { BadList } from "./bad-list.ts";
import type { CommandIo } from "./command.ts";
import { fallback, goBack } from "./diverged.ts";
import type { KnownFacts } from "./run-facts.ts";
import type { TrainOptions } from "./train-options.ts";

/** A run whose arguments and data are checked and whose folder is there. */
export interface Training {
  readonly learner: Learner;
  readonly dataset: SegmentationDataset;
  /** What keeps the pictures that are left out. */
  readonly bad: BadList | undefined;
  readonly run: RunFolder;
  readonly card: ModelCard;
  readonly settings: TrainOptions;
  /** The highest learning rate. */
  readonly lr: number | Slice;
  /** Where an interrupted run stood. */
  readonly checkpoint: Checkpoint | undefined;
  /** What run.json tells of the run beside what is found out of the data and the machine. */
  readonly facts: KnownFacts;
}

/** One of the fits of a run. */
export interface Phase {
  /** Whether only the decoder trains. */
  readonly frozen: boolean;
  readonly epochs: number;
}

/** The fits of a run, one after the other. */
export function phasesOf({ freezeEpochs, epochs }: TrainOptions): Phase[] {
  return [
    { frozen: true, epochs: freezeEpochs },
    { frozen: false, epochs },
  ].filter((phase) => phase.epochs > 0);
}

/** What of a training its fits need. */
type Fitted = Pick<Training, "learner" | "run" | "settings" | "lr" | "checkpoint">;

/**
 * Trains the fits of a run, from where it was interrupted. One that diverges goes on from the last good checkpoint with a
 * tenth of its learning rate, once.
 * @param callbacksFor what is told of a fit, beside the saver, by the fit's position.
 */
export async function trainPhases(
  training: Fitted,
  saver: SaveRun,
  { output, signal }: CommandIo,
  callbacksFor: (index: number) => readonly Callback[],
): Promise<void> {
  const phases = phasesOf(training.settings);
  let from = training.checkpoint;
  let lrFactor = from?.position.lrFactor ?? 1;
  for (let index = from?.phase ?? 0; index < phases.length;) {
    saver.begin(index, from?.earlier);
    try {
      await fitPhase(training, phases[index]!, { callbacks: [saver, ...callbacksFor(index)], signal, lrFactor, from });
      from = undefined;
      index++;
    } catch (error) {
      from = await goBack(error, training, lrFactor, saver, output);
      lrFactor /= fallback;
      index = from.phase;
    }
  }
}

/** What a fit may take of the time budget, when so many seconds are spent: its share by the epochs that are left. */
export function minutesFor(
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
  { learner, lr, settings }: Fitted,
  { frozen, epochs }: Phase,
  { from, ...plan }: Pick<FitOptions, "callbacks" | "signal" | "lrFactor"> & { readonly from: Checkpoint | undefined },
): Promise<void> {
  await (frozen ? learner.freeze() : learner.unfreeze());
  if (from) await learner.engine.setOptimizerState(from.optimizer);
  const { schedule, pctStart, moms, div: divFactor, finalDiv } = settings;
  const options = { ...plan, ...(moms && { moms }), ...(from && { from: from.position }) };
  if (schedule === "constant") return learner.fit(epochs, lr, options);
  if (schedule === "flat-cos") return learner.fitFlatCos(epochs, lr, options);
  return learner.fitOneCycle(epochs, lr, {
    ...{ ...options, pctStart },
    ...(divFactor !== undefined && { divFactor }),
    ...(finalDiv !== undefined && { finalDiv }),
  });
}
