import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { NumpyRandom, pythonRandom } from "./mersenne.ts";

const golden = JSON.parse(
  await readFile(new URL("../../test/golden/rng_and_splits.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Readonly<Record<string, number[]>>>>;

test("permutations are numpy's", () => {
  expect(new NumpyRandom(42).permutation(10)).toEqual(golden.numpy_seed42!.permutation_10);
  expect(new NumpyRandom(42).permutation(20)).toEqual(golden.numpy_seed42!.permutation_20);
});

test("uniform numbers are Python's", () => {
  const random = pythonRandom(42);
  for (const value of golden.python_random_seed42!["random()"]!) expect(random()).toBeCloseTo(value, 9);
});

test("a seed that is none is refused", () => {
  expect(() => new NumpyRandom(-1)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: seed: expected a whole number from 0 to 4294967295, but received -1]`,
  );
  expect(() => pythonRandom(0.5)).toThrow("seed: expected a whole number");
});
