import { expect, test } from "vitest";
import { addScaled, clipFactor, globalNorm, moveAverage, scale } from "./gradients.ts";

test.each([0, 1, 3, 4, 5, 9])("globalNorm takes all arrays as one vector (%i values)", (length) => {
  const arrays = [Float32Array.from({ length }, (_, i) => i + 1), Float32Array.of(2)];
  expect(globalNorm(arrays)).toBeCloseTo(Math.hypot(...arrays.flatMap((array) => [...array])), 12);
});

test.each([NaN, Infinity])("globalNorm of a gradient with %f is not finite", (value) => {
  expect(globalNorm([Float32Array.of(1), Float32Array.of(0, 0, 0, 0, value)])).not.toSatisfy(Number.isFinite);
});

test("clipFactor is PyTorch's", () => {
  expect([clipFactor(2, 1), clipFactor(1, 2), clipFactor(0, 1), clipFactor(5, Infinity)]).toEqual([
    ...[1 / (2 + 1e-6), 1, 1, 1],
  ]);
});

test("scale, addScaled and moveAverage work in place", () => {
  const values = Float32Array.of(1, 2, 3);
  scale(values, 2);
  addScaled(values, Float32Array.of(1, 1, 1), 0.5);
  expect([...values]).toEqual([2.5, 4.5, 6.5]);
  moveAverage(values, Float32Array.of(0, 0, 0), 0.5);
  expect([...values]).toEqual([1.25, 2.25, 3.25]);
});
