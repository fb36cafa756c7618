import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

/** Counts the epochs in which a watched number makes no progress, and acts when they are more than it bears. */
export abstract class Plateau implements Callback {
  /** What a checkpoint knows it by. */
  abstract readonly name: string;
  /** The best number so far, NaN at first, and the epochs since. */
  memory = { best: NaN, wait: 0 };
  readonly #monitor: Monitor;
  readonly #patience: number;

  constructor(patience: number, options: MonitorOptions) {
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
    else if (++this.memory.wait > this.#patience) this.impatient(state);
  }

  /** Called at the end of each epoch without progress beyond those that are borne. */
  protected abstract impatient(state: FitState): void;
}
