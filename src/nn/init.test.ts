import { expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { type Init, icnr, kaimingNormal, uniformFanIn } from "./init.ts";

const draw = (init: Init, shape: readonly number[]): Float32Array =>
  init(shape, new Random(1), () => new Float32Array());

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, v) => total + v * v, 0) / values.length);
}

test("kaimingNormal has variance 2 / fan", () => {
  const shape = [64, 32, 3, 3];
  expect(deviation(draw(kaimingNormal("fan_in"), shape)) / Math.sqrt(2 / (32 * 9))).toBeCloseTo(1, 1.5);
  expect(deviation(draw(kaimingNormal("fan_out"), shape)) / Math.sqrt(2 / (64 * 9))).toBeCloseTo(1, 1.5);
});

test("uniformFanIn stays inside ±1/√fan and fills that range", () => {
  const values = draw(uniformFanIn(), [64, 32, 3, 3]);
  const bound = 1 / Math.sqrt(32 * 9);
  expect(Math.max(...values)).toBeLessThanOrEqual(bound);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
  expect(deviation(values) / (bound / Math.sqrt(3))).toBeCloseTo(1, 1.5);
});

test("icnr repeats each filter factor² times", () => {
  const filters = draw(kaimingNormal("fan_in"), [2, 5, 1, 1]);
  const values = draw(icnr(kaimingNormal("fan_in"), 2), [8, 5, 1, 1]);
  for (let k = 0; k < 8; k++)
    expect([...values.subarray(k * 5, k * 5 + 5)]).toEqual([...filters.subarray(k < 4 ? 0 : 5, k < 4 ? 5 : 10)]);
  expect(() => draw(icnr(kaimingNormal("fan_in"), 2), [6, 5, 1, 1])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: icnr: expected output channels that 4 divides, but received 6]`,
  );
});
