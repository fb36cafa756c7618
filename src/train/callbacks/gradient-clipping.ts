import { requireOption } from "./require-option.ts";
import type { Callback, FitState, TrainingStep } from "../callback.ts";

/**
 * Shortens gradients that are longer than `norm`, taken as one vector over all parameters (Pascanu et al. 2013;
 * PyTorch's `clip_grad_norm_`). A step whose gradient is not finite is left out and counted in `skippedSteps`.
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new GradientClipping({ norm: 1 })] });
 */
export class GradientClipping implements Callback {
  readonly #norm: number;

  /** Throws a ConfigError for a norm that is not above 0. */
  constructor({ norm = 0.1 }: { readonly norm?: number } = {}) {
    requireOption("GradientClipping", "norm", norm, "a number above 0", norm > 0);
    this.#norm = norm;
  }

  batchStart(_: FitState, step: TrainingStep): void {
    step.clip = Math.min(step.clip ?? Infinity, this.#norm);
  }
}
