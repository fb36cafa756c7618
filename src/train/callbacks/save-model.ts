import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

export interface SaveModelOptions extends MonitorOptions {
  /**
   * Whether to save after an improvement (the default), which is loaded again when the fit ends, or after every epoch.
   */
  readonly every?: "improvement" | "epoch";
  /** File name, to which "epoch" adds _0, _1, …; default "bestmodel". */
  readonly name?: string;
  /** Whether to save the optimizer's state too; default false. */
  readonly withOpt?: boolean;
}

/**
 * Saves the weights as they get better, and ends with the best ones (fastai's SaveModelCallback, fastai-spec §5.10).
 * Whether they can be written is found out before the first batch. A fit that ends with an error keeps the weights it
 * has.
 * @example await learner.fitOneCycle(10, slice(1e-3), { callbacks: [new SaveModel({ monitor: "mean_iou" })] });
 */
export class SaveModel implements Callback {
  readonly name = "saveModel";
  /** The best number so far, NaN at first, and whether weights were saved. */
  memory = { best: NaN, saved: 0 };
  readonly #options: Required<Pick<SaveModelOptions, "every" | "name" | "withOpt">>;
  readonly #monitor: Monitor;
  #learner: CallbackLearner | undefined;

  /** What to watch, and what to save under which name. */
  constructor({ every = "improvement", name = "bestmodel", withOpt = false, ...options }: SaveModelOptions = {}) {
    this.#options = { every, name, withOpt };
    this.#monitor = new Monitor(options);
  }

  async fitStart(_: FitState, learner: CallbackLearner): Promise<void> {
    this.#monitor.begin(learner.metrics);
    await learner.requireSavable();
    this.#learner = learner;
    this.memory = { best: NaN, saved: 0 };
  }

  async epochEnd(_: FitState, result: EpochResult): Promise<void> {
    const { every, name, withOpt } = this.#options;
    if (every === "epoch") return void (await this.#learner?.save(`${name}_${result.epoch}`, { withOpt }));
    const value = this.#monitor.valueOf(result);
    if (!this.#monitor.improves(value, this.memory.best)) return;
    await this.#learner?.save(name, { withOpt });
    this.memory = { best: value, saved: 1 };
  }

  async fitEnd(_: FitState, error: unknown): Promise<void> {
    if (error === undefined && this.memory.saved === 1) await this.#learner?.load(this.#options.name);
  }
}
