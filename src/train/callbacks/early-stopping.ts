import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without progress that are borne; default 0: the first one ends the fit. */
  readonly patience?: number;
}

/**
 * Ends the fit when a number makes no progress any more (fastai's EarlyStoppingCallback, fastai-spec §5.10).
 * @example
 * const stopping = new EarlyStopping({ monitor: "valid_loss", patience: 3 });
 * await learner.fit(50, 1e-4, { callbacks: [stopping] });
 */
export class EarlyStopping implements Callback {
  readonly name = "earlyStopping";
  /** The best number so far, NaN at first, and the epochs since. */
  memory = { best: NaN, wait: 0 };
  readonly #monitor: Monitor;
  readonly #patience: number;

  /** What to watch, and for how many epochs without progress. */
  constructor({ patience = 0, ...options }: EarlyStoppingOptions = {}) {
    this.#monitor = new Monitor(options);
    this.#patience = patience;
  }

  fitStart(_: FitState, { metrics }: CallbackLearner): void {
    this.#monitor.begin(metrics);
    this.memory = { best: NaN, wait: 0 };
  }

  epochEnd(state: FitState, result: EpochResult): void {
    const value = this.#monitor.valueOf(result);
    if (this.#monitor.improves(value, this.memory.best)) this.memory = { best: value, wait: 0 };
    else if (++this.memory.wait > this.#patience) state.stop();
  }
}
