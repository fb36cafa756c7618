import type { Callback, FitState, TrainingStep } from "../callback.ts";

/**
 * Batch norms that do not train keep to their running statistics (fastai's BnFreeze, fastai-spec §5.10): those of
 * frozen layers of a learner with `trainBn` false.
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new BnFreeze()] });
 */
export class BnFreeze implements Callback {
  batchStart(_: FitState, step: TrainingStep): void {
    step.frozenNorms = true;
  }
}
