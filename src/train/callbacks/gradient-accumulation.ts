import { countedWeight } from "../../losses/counted.ts";
import type { LossOptions } from "../../losses/loss.ts";
import { requireOption } from "./require-option.ts";
import type { Callback, CallbackLearner, FitState, TrainingStep } from "../callback.ts";

export interface GradientAccumulationOptions extends Pick<LossOptions, "weight" | "ignoreIndex"> {
  /** Batches of one step; the last step of an epoch takes those that are left. */
  readonly batches: number;
}

/**
 * Takes one step for several batches: large batches on small memory (fastai's AccumulateScheduler, fastai-spec §5.10).
 * A batch counts by the pixels that its loss counts, so for a mean over pixels the gradient is that of one large batch,
 * wherever batch norms do not mix its pictures; give `weight` and `ignoreIndex` as the loss has them.
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new GradientAccumulation({ batches: 4 })] });
 */
export class GradientAccumulation implements Callback {
  readonly #options: GradientAccumulationOptions;
  #classes = 0;

  /** Throws a ConfigError for batches that are not a whole number above 0. */
  constructor(options: GradientAccumulationOptions) {
    const { batches } = options;
    const ok = Number.isInteger(batches) && batches >= 1;
    requireOption("GradientAccumulation", "batches", batches, "a whole number of at least 1", ok);
    this.#options = options;
  }

  fitStart(_: FitState, { data }: CallbackLearner): void {
    this.#classes = data.classes.length;
  }

  batchStart({ batch, batches }: FitState, step: TrainingStep): void {
    const { batches: count } = this.#options;
    const last = (batch + 1) % count === 0 || batch + 1 === batches;
    const weight = countedWeight(step.batch.masks, this.#classes, this.#options);
    step.accumulate = { weight, first: batch % count === 0, last };
  }
}
