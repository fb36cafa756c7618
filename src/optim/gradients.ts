import type { FloatArray } from "./optimizer.ts";

/** The length of all gradients as one vector. Not finite where one of them is not. */
export function globalNorm(gradients: Iterable<FloatArray>): number {
  let total = 0;
  for (const gradient of gradients) {
    // Sums of their own, since each waits for its last addition.
    let [a, b, c, d] = [0, 0, 0, 0];
    const end = gradient.length - 3;
    let i = 0;
    for (; i < end; i += 4) {
      a += gradient[i]! * gradient[i]!;
      b += gradient[i + 1]! * gradient[i + 1]!;
      c += gradient[i + 2]! * gradient[i + 2]!;
      d += gradient[i + 3]! * gradient[i + 3]!;
    }
    for (; i < gradient.length; i++) a += gradient[i]! * gradient[i]!;
    total += a + b + c + d;
  }
  return Math.sqrt(total);
}

/** What gradients of this norm are multiplied with so that it is at most `limit` (PyTorch's `clip_grad_norm_`); at most 1. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(limit / (norm + 1e-6), 1);
}

/** Multiplies every value with `factor`, in place. */
export function scale(values: FloatArray, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}

/** sum ← sum + factor·values, in place. */
export function addScaled(sum: FloatArray, values: FloatArray, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += factor * values[i]!;
}

/** average ← decay·average + (1 − decay)·values, in place. */
export function moveAverage(average: FloatArray, values: FloatArray, decay: number): void {
  for (let i = 0; i < average.length; i++) average[i] = decay * average[i]! + (1 - decay) * values[i]!;
}

/** Puts 0 in the place of every value that is not finite; returns whether there was none. */
export function keepFinite(values: FloatArray): boolean {
  if (Number.isFinite(globalNorm([values]))) return true;
  let all = true;
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) {
      values[i] = 0;
      all = false;
    }
  return all;
}
