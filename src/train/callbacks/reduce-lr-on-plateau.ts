import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

export interface ReduceLrOnPlateauOptions extends MonitorOptions {
  /** Epochs without progress that are borne; default 0. */
  readonly patience?: number;
  /** What the learning rates are multiplied with; default 0.2. */
  readonly factor?: number;
  /** The last layer group's rate from which on it falls no further; default 0.001. */
  readonly minLr?: number;
}

/**
 * Lowers the learning rate when a number makes no progress any more (fastai's ReduceLROnPlateauCallback, fastai-spec
 * §5.10). All layer groups fall alike and keep their ratio, where fastai gives all of them the last one's rate.
 * @example
 * const reducing = new ReduceLrOnPlateau({ monitor: "mean_iou", patience: 2, factor: 0.2 });
 * await learner.fit(50, 1e-4, { callbacks: [reducing] });
 */
export class ReduceLrOnPlateau implements Callback {
  readonly name = "reduceLrOnPlateau";
  /** The best number so far, NaN at first, and the epochs since. */
  memory = { best: NaN, wait: 0 };
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #factor: number;
  readonly #minLr: number;

  /** What to watch, how long without progress, and by how much the rates fall. */
  constructor({ patience = 0, factor = 0.2, minLr = 0.001, ...options }: ReduceLrOnPlateauOptions = {}) {
    this.#monitor = new Monitor(options);
    this.#patience = patience;
    this.#factor = factor;
    this.#minLr = minLr;
  }

  fitStart(_: FitState, { metrics }: CallbackLearner): void {
    this.#monitor.begin(metrics);
    this.memory = { best: NaN, wait: 0 };
  }

  epochEnd(state: FitState, result: EpochResult): void {
    const value = this.#monitor.valueOf(result);
    if (this.#monitor.improves(value, this.memory.best)) this.memory = { best: value, wait: 0 };
    else if (++this.memory.wait > this.#patience && state.lr.at(-1)! > this.#minLr) {
      state.lrFactor *= this.#factor;
      this.memory.wait = 0;
    }
  }
}
