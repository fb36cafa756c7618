import { expect } from "vitest";

/**
 * Expects two lists of numbers to agree: each difference at most `tolerance` times the largest expected magnitude.
 * The message names the worst element.
 */
export function expectClose(label: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4) {
  expect(actual.length, `${label}: number of elements`).toBe(expected.length);
  const { index, error, scale } = worst(actual, expected);
  if (error <= tolerance * scale) return;
  const values = `${actual[index]} instead of ${expected[index]}`;
  expect.fail(
    `${label}: element ${index} of ${expected.length} is ${values}, off by ${(error / scale).toExponential(1)}`,
  );
}

function worst(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  let [index, error, scale] = [0, 0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (difference > error || Number.isNaN(difference))
      [index, error] = [i, Number.isNaN(difference) ? Infinity : difference];
  }
  return { index, error, scale };
}
