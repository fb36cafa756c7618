import type { Callback, FitState, TrainingStep } from "../callback.ts";

/**
 * Ends the fit without an error, and without validation, when the loss is no finite number; the weights are the last
 * ones whose loss was. Steps whose gradient is not finite are left out and counted (fastai's TerminateOnNaN,
 * fastai-spec §5.10, which leaves the weights NaN).
 * @example await learner.fitOneCycle(4, slice(1e-2), { callbacks: [new TerminateOnNaN()] });
 */
export class TerminateOnNaN implements Callback {
  batchStart(_: FitState, step: TrainingStep): void {
    step.clip ??= Infinity;
  }

  diverged(state: FitState): void {
    state.stop();
  }
}
