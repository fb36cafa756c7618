import type { ConfusionMatrix } from "../metrics/confusion-matrix.ts";

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
  readonly validation: Evaluation;
  /** Training and validation together. */
  readonly seconds: number;
}

/** What callbacks see of a running fit. */
export interface FitState {
  /** Counted from 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Position of the batch in the epoch, counted from 0. */
  readonly batch: number;
  /** Batches of an epoch. */
  readonly batches: number;
  /** Pictures of a batch. */
  readonly batchSize: number;
  /** The loss of the last batch. */
  readonly loss: number;
  readonly smoothLoss: number;
  /** The learning rate of each layer group in the last step. */
  readonly lr: readonly number[];
  readonly momentum: number;
  /** The epochs finished in this fit. */
  readonly history: readonly EpochResult[];
  /** Ends the fit after this batch's or epoch's callbacks. */
  stop(): void;
}

/** Something told of a fit's progress. Every event may return a promise, which the fit waits for. */
export interface Callback {
  fitStart?(state: FitState): void | Promise<void>;
  epochStart?(state: FitState): void | Promise<void>;
  batchEnd?(state: FitState): void | Promise<void>;
  /** Told of each validation batch: how many of how many are done. */
  validationBatchEnd?(done: number, total: number): void;
  epochEnd?(state: FitState, result: EpochResult): void | Promise<void>;
  /** Told once however the fit ends; `error` is what ended it early. */
  fitEnd?(state: FitState, error: unknown): void | Promise<void>;
}
