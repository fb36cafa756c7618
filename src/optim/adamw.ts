import { keepFinite } from "./gradients.ts";
import { type FloatArray, type Optimizer, requireLength } from "./optimizer.ts";

/** Hyper-parameters of one AdamW step. `beta1` may change from step to step; `step` counts from 1. */
export interface AdamwHyper {
  readonly lr: number;
  readonly wd: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly step: number;
}

/** What stays the same in every step. */
export interface AdamwOptions {
  /** Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019), as fastai v1 steps it: β₁ is what the schedule moves,
 * β₂ stays.
 */
export function adamw(options: AdamwOptions = {}): Optimizer<"m" | "v"> {
  const { betas = [0.9, 0.99], eps = 1e-8 } = options;
  return {
    name: "adamw",
    slots: ["m", "v"],
    mom: betas[0],
    update(params, grads, { m, v }, { lr, wd, mom, step }) {
      const finite = keepFinite(grads);
      adamwStep(params, grads, m, v, { lr, wd, beta1: mom, beta2: betas[1], eps, step });
      return finite;
    },
  };
}

/**
 * One AdamW step over flat arrays, updating `params`, `m` and `v` in place. First p ← p·(1 − wd·lr); then with
 * m ← β₁m + (1−β₁)g and v ← β₂v + (1−β₂)g²: p ← p − lr·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + eps), with the β₁ of this step.
 * Throws a ShapeError if the lengths differ.
 */
export function adamwStep(
  params: FloatArray,
  grads: FloatArray,
  m: FloatArray,
  v: FloatArray,
  hyper: AdamwHyper,
): void {
  requireLength("adamwStep", params, { grads, m, v });
  const { lr, wd, beta1, beta2, eps, step } = hyper;
  // Numerator and denominator both multiplied by √(1−β₂ᵗ), so that no element pays for the bias corrections.
  const scale = Math.sqrt(1 - beta2 ** step);
  const rate = (lr * scale) / (1 - beta1 ** step);
  const epsilon = eps * scale;
  const decay = 1 - wd * lr;
  const n = params.length;
  let i = 0;
  // Four elements a turn: V8 re-checks the type and reloads the address of every array once a turn.
  for (const end = n - 3; i < end; i += 4) {
    update(params, grads, m, v, i, beta1, beta2, decay, rate, epsilon);
    update(params, grads, m, v, i + 1, beta1, beta2, decay, rate, epsilon);
    update(params, grads, m, v, i + 2, beta1, beta2, decay, rate, epsilon);
    update(params, grads, m, v, i + 3, beta1, beta2, decay, rate, epsilon);
  }
  for (; i < n; i++) update(params, grads, m, v, i, beta1, beta2, decay, rate, epsilon);
}

function update(
  params: FloatArray,
  grads: FloatArray,
  m: FloatArray,
  v: FloatArray,
  i: number,
  beta1: number,
  beta2: number,
  decay: number,
  rate: number,
  epsilon: number,
): void {
  const g = grads[i]!;
  const mean = beta1 * m[i]! + (1 - beta1) * g;
  const square = beta2 * v[i]! + (1 - beta2) * g * g;
  m[i] = mean;
  v[i] = square;
  params[i] = decay * params[i]! - (rate * mean) / (Math.sqrt(square) + epsilon);
}
