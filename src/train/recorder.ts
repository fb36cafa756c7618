import type { Callback, EpochResult, FitState } from "./callback.ts";

/** The numbers of the last fit, for plots and tables (fastai's Recorder). */
export class Recorder implements Callback {
  /** Smoothed training loss of every batch. */
  readonly losses: number[] = [];
  /** Learning rate of the last layer group, every batch. */
  readonly lrs: number[] = [];
  readonly moms: number[] = [];
  readonly epochs: EpochResult[] = [];

  fitStart({ history }: FitState): void {
    this.losses.length = this.lrs.length = this.moms.length = 0;
    this.epochs.splice(0, Infinity, ...history);
  }

  batchEnd({ smoothLoss, lr, momentum }: FitState): void {
    this.losses.push(smoothLoss);
    this.lrs.push(lr.at(-1)!);
    this.moms.push(momentum);
  }

  epochEnd(_: FitState, result: EpochResult): void {
    this.epochs.push(result);
  }

  /** Validation loss of every epoch. */
  get validLosses(): number[] {
    return this.epochs.map(({ validation }) => validation.loss);
  }
}
