import type { Callback, FitState, TrainingStep } from "../callback.ts";

/**
 * Batch norms that do not train keep to their running statistics (fastai's BnFreeze, spec 5.10): those of frozen layers
 * of a learner with `trainBn` false.
 */
export class BnFreeze implements Callback {
  batchStart(_: FitState, step: TrainingStep): void {
    step.frozenNorms = true;
  }
}
