import type { FitState } from "../callback.ts";
import type { MonitorOptions } from "./monitor.ts";
import { Plateau } from "./plateau.ts";

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
export class ReduceLrOnPlateau extends Plateau {
  readonly name = "reduceLrOnPlateau";
  readonly #factor: number;
  readonly #minLr: number;

  /** What to watch, how long without progress, and by how much the rates fall. */
  constructor({ patience = 0, factor = 0.2, minLr = 0.001, ...options }: ReduceLrOnPlateauOptions = {}) {
    super(patience, options);
    this.#factor = factor;
    this.#minLr = minLr;
  }

  protected override impatient(state: FitState): void {
    if (state.lr.at(-1)! > this.#minLr) {
      state.lrFactor *= this.#factor;
      this.memory.wait = 0;
    }
  }
}
