import { expect } from "vitest";
import { layerGroups } from "../../src/models/layer-groups.ts";
import type { SegmentationModel } from "../../src/models/model.ts";
import type { StateDict } from "../../src/nn/state.ts";
import { adamwStep } from "../../src/optim/adamw.ts";

/** A tensor in a golden file: 24 of its values and some statistics. */
export interface Summary {
  readonly sum: number;
  readonly abs_sum: number;
  readonly max: number;
  readonly min: number;
  readonly sample_stride: number;
  readonly samples: readonly number[];
}

/** A gradient in a golden file. */
export interface GradientSummary {
  readonly l2: number;
  readonly sum: number;
  readonly first: number;
}

export interface Step {
  /** One for each layer group, or one for all. */
  readonly lrs: readonly number[];
  readonly wd: number;
  readonly mom: number;
}

/** Expects the statistics of a tensor, to `tolerance` times its largest magnitude (sums: times the sum of magnitudes). */
export function expectSummary(label: string, values: Float32Array, golden: Summary, tolerance: number): void {
  const scale = Math.max(golden.max, -golden.min);
  const near = (what: string, actual: number, expected: number, unit: number): void =>
    expect(Math.abs(actual - expected) / unit, `${label}: ${what} ${actual} instead of ${expected}`).toBeLessThan(
      tolerance,
    );
  let [sum, magnitude, max, min] = [0, 0, -Infinity, Infinity];
  for (const value of values) {
    sum += value;
    magnitude += Math.abs(value);
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  near("sum", sum, golden.sum, golden.abs_sum);
  near("sum of magnitudes", magnitude, golden.abs_sum, golden.abs_sum);
  near("maximum", max, golden.max, scale);
  near("minimum", min, golden.min, scale);
  for (const [i, sample] of golden.samples.entries())
    near(`sample ${i}`, values[i * golden.sample_stride]!, sample, scale);
}

/**
 * Expects norm, first element and sum of a gradient, to `tolerance` times its norm (the sum: times the norm and √n, its
 * largest possible value). Gradients that are 0 but for rounding are held to a thousandth of the whole one.
 */
export function expectGradient(
  label: string,
  values: Float32Array,
  golden: GradientSummary,
  wholeNorm: number,
  tolerance: number,
): void {
  const unit = Math.max(golden.l2, 1e-3 * wholeNorm);
  let [square, sum] = [0, 0];
  for (const value of values) {
    square += value * value;
    sum += value;
  }
  const error = (actual: number, expected: number, scale = 1): number => Math.abs(actual - expected) / (unit * scale);
  expect(
    error(Math.sqrt(square), golden.l2),
    `${label}: norm ${Math.sqrt(square)} instead of ${golden.l2}`,
  ).toBeLessThan(tolerance);
  expect(error(values[0]!, golden.first), `${label}: first ${values[0]} instead of ${golden.first}`).toBeLessThan(
    tolerance,
  );
  expect(
    error(sum, golden.sum, Math.sqrt(values.length)),
    `${label}: sum ${sum} instead of ${golden.sum}`,
  ).toBeLessThan(tolerance);
}

/** Takes the first AdamW step, in place. */
export function firstStep(
  model: SegmentationModel,
  state: StateDict,
  gradients: ReadonlyMap<string, Float32Array>,
  { lrs, wd, mom }: Step,
): void {
  for (const { name, group } of layerGroups(model).flat()) {
    const { data } = state.get(name)!;
    const [m, v] = [new Float32Array(data.length), new Float32Array(data.length)];
    const lr = lrs[lrs.length === 1 ? 0 : group]!;
    adamwStep(data, gradients.get(name)!, m, v, { lr, wd, beta1: mom, beta2: 0.99, eps: 1e-8, step: 1 });
  }
}
