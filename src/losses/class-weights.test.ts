import { describe, expect, test } from "vitest";
import { type ClassWeightMethod, classWeightMethods, weightsFrom } from "./class-weights.ts";

/** Three pictures of 100 labelled pixels: sky in all, road in two, a cyclist in one; void is not counted. */
const frequencies = { pixels: [210, 80, 10, 0], around: [300, 200, 100, 0] };

function expectWeights(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [c, weight] of expected.entries()) expect(found[c]).toBeCloseTo(weight, 6);
}

test("median frequency: shares are 0.7, 0.4 and 0.1, their median 0.4", () => {
  expectWeights(weightsFrom(frequencies), [0.4 / 0.7, 1, 4, 0]);
  const four = { pixels: [210, 80, 10, 40], around: [300, 200, 100, 100] };
  expectWeights(weightsFrom(four), [0.4 / 0.7, 1, 4, 1]);
  const even = { pixels: [210, 80], around: [300, 200] };
  expectWeights(weightsFrom(even), [0.55 / 0.7, 0.55 / 0.4]);
});

test("inverse: every class has the same sum of weights", () => {
  const weights = weightsFrom(frequencies, { method: "inverse" });
  expectWeights(weights, [300 / 630, 300 / 240, 10, 0]);
  for (const c of [0, 1, 2]) expect(weights[c]! * frequencies.pixels[c]!).toBeCloseTo(100, 9);
});

test("effective number: as the formula of the paper has it, with a mean of 1", () => {
  const effective = (n: number): number => (1 - 0.99) / (1 - 0.99 ** n);
  const raw = [210, 80, 10].map(effective);
  const mean = (raw[0]! + raw[1]! + raw[2]!) / 3;
  expectWeights(weightsFrom(frequencies, { method: "effective-number", beta: 0.99 }), [...raw.map((w) => w / mean), 0]);
  const weights = weightsFrom(frequencies, { method: "effective-number" });
  const beta = 299 / 300;
  expect(weights[2]! / weights[0]!).toBeCloseTo((1 - beta ** 210) / (1 - beta ** 10), 9);
});

describe.each(Object.keys(classWeightMethods) as ClassWeightMethod[])("%s", (method) => {
  test("gives more to the rarer class, 1 to classes alike and nothing to one that is nowhere", () => {
    const [sky, road, cyclist, none] = weightsFrom(frequencies, { method });
    expect(cyclist).toBeGreaterThan(road!);
    expect(road).toBeGreaterThan(sky!);
    expect(none).toBe(0);
    expectWeights(weightsFrom({ pixels: [5e8, 5e8], around: [1e9, 1e9] }, { method }), [1, 1]);
  });

  test("keeps to a limit", () => {
    expect(Math.max(...weightsFrom(frequencies, { method, limit: 1.5 }))).toBe(1.5);
  });

  test("needs a labelled pixel", () => {
    expect(() => weightsFrom({ pixels: [0, 0], around: [0, 0] }, { method })).toThrow(
      "class weights: no pixel of the training masks is labelled",
    );
  });
});

test("options out of range", () => {
  expect(() => weightsFrom(frequencies, { beta: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: class weights: beta: expected a number between 0 and 1, but received 1]`,
  );
  expect(() => weightsFrom(frequencies, { limit: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: class weights: limit: expected a number above 0, but received 0]`,
  );
  // @ts-expect-error -- a method that is not in the table does not compile
  expect(() => weightsFrom(frequencies, { method: "median" })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: class weights: expected a known method, but received "median"]`,
  );
});
