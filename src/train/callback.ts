import type { Batch } from "../data/batch.ts";
import type { DataBunch } from "../data/databunch.ts";
import type { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import type { Metric } from "../metrics/metric.ts";
import type { StateDict } from "../nn/state.ts";
import type { Accumulation, Engine } from "./engine.ts";
import type { Host } from "./host.ts";
import type { PredictionBatch, PredictionsOptions } from "./predictions.ts";

/** The result of running over a validation set. */
export interface Evaluation {
  /** Mean loss, each picture counting once. */
  readonly loss: number;
  /** Pixels by true class (row) and predicted class (column). */
  readonly confusion: ConfusionMatrix;
  /** The metrics of the learner, by their titles. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One finished epoch. */
export interface EpochResult {
  /** Counted from 0. */
  readonly epoch: number;
  /** The smoothed training loss at the end of the epoch. */
  readonly trainLoss: number;
  /** All NaN where validation was skipped. */
  readonly validation: Evaluation;
  /** Training and validation together. */
  readonly seconds: number;
}

/** What callbacks see of a running fit, and how they act on it. */
export interface FitState {
  /** Counted from 0. */
  readonly epoch: number;
  /** The epoch at which the fit ends. */
  readonly epochs: number;
  /** Position of the batch in the epoch, counted from 0. */
  readonly batch: number;
  /** Batches of an epoch. */
  readonly batches: number;
  /** Pictures of a batch. */
  readonly batchSize: number;
  /**
   * Epochs of the learner before this one, in all its fits: what the order of the pictures goes by, and random draws
   * may.
   */
  readonly pass: number;
  /** The loss of the last batch. */
  readonly loss: number;
  /** The training loss, smoothed over the batches as in fastai. */
  readonly smoothLoss: number;
  /** The learning rate of each layer group in the last step. */
  readonly lr: readonly number[];
  /** Momentum of the last step (Adam's β₁). */
  readonly momentum: number;
  /** Steps whose gradient was not finite: not taken with `clip`, else without what of it was not. */
  readonly skippedSteps: number;
  /** The epochs finished in this fit. */
  readonly history: readonly EpochResult[];
  /** What the schedule's learning rates are multiplied with, from the next batch on; 1 at first. */
  lrFactor: number;
  /**
   * Ends the fit after this batch's or epoch's callbacks; in the middle of an epoch without validation, unless asked
   * for.
   */
  stop(options?: { readonly validate?: boolean }): void;
  /** Leaves out the validation of the running epoch: its numbers become NaN. */
  skipValidation(): void;
  /** Goes through the rest of the schedule in so many batches, then validates and ends the fit. */
  finishWithin(batches: number): void;
}

/** The training step that is about to be taken. Callbacks change it as they like. */
export interface TrainingStep {
  /** What is trained on. Its arrays may be changed in place; another batch may take its place. */
  batch: Batch;
  /** Other masks of the same pictures: the loss is share·L(masks) + (1 − share)·L(mixed.masks). */
  mixed: { readonly masks: Int32Array; readonly share: number } | undefined;
  /** Learning rate of each layer group. */
  lr: readonly number[];
  /** Momentum of the step (Adam's β₁). */
  momentum: number;
  /** Longest gradient of all parameters together; a longer one is shortened. */
  clip: number | undefined;
  /** Whether and how the gradient is gathered with those of other batches. */
  accumulate: Accumulation | undefined;
  /** Share of the past that the averages of the weights keep in this step; undefined keeps no averages. */
  average: number | undefined;
  /** Whether batch norms that do not train keep to their running statistics. */
  frozenNorms: boolean;
}

/** What a callback can do with the learner that it runs in. */
export interface CallbackLearner {
  readonly data: DataBunch;
  readonly metrics: readonly Metric[];
  readonly engine: Engine;
  /** Where files are kept; throws a ConfigError when there is no place. */
  readonly files: { readonly host: Host; readonly path: string };
  /** Throws a ResourceError when files of weights cannot be written. */
  requireSavable(): Promise<void>;
  save(name: string, options?: { readonly withOpt?: boolean }): Promise<string>;
  load(name: string, options?: { readonly strict?: boolean; readonly withOpt?: boolean }): Promise<void>;
  stateDict(): Promise<StateDict>;
  getPreds(options?: PredictionsOptions): AsyncIterable<PredictionBatch>;
}

/**
 * Something told of a fit's progress, which may act on it. Every event may return a promise, which the fit waits for.
 * A callback that has a `name` and a `memory` of plain numbers finds them again when an interrupted fit goes on.
 */
export interface Callback {
  /** Lower ones are told first; 0 where left out. The recorder has −10, input transforms −6, what saves a run 100. */
  readonly order?: number;
  /** What a checkpoint knows it by. */
  readonly name?: string;
  /** `fitStart` sets it anew; when a fit goes on, its values are put back after that. NaN stands for nothing yet. */
  memory?: Record<string, number>;
  /** Before the first batch of a fit; `learner` is what trains. */
  fitStart?(state: FitState, learner: CallbackLearner): void | Promise<void>;
  /** Before the first batch of an epoch. */
  epochStart?(state: FitState): void | Promise<void>;
  /** Before a step: the place for input transforms and for what a step is taken with. */
  batchStart?(state: FitState, step: TrainingStep): void | Promise<void>;
  /** After a step. */
  batchEnd?(state: FitState): void | Promise<void>;
  /**
   * The loss is no finite number and the weights are those before this batch, or no gradient has been finite for long.
   * Unless one stops, the fit fails.
   */
  diverged?(state: FitState): void | Promise<void>;
  /** Before the validation of an epoch. */
  validationStart?(state: FitState): void | Promise<void>;
  /** Told of each validation batch: how many of how many are done. */
  validationBatchEnd?(done: number, total: number): void;
  /** After the validation of an epoch, with its numbers. */
  epochEnd?(state: FitState, result: EpochResult): void | Promise<void>;
  /** Told once however the fit ends; `error` is what ended it early. */
  fitEnd?(state: FitState, error: unknown): void | Promise<void>;
}

/** Callbacks in the order they are told. */
export function inOrder(callbacks: readonly Callback[]): Callback[] {
  return callbacks.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
}
