import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lrRange, type ParameterRole, slice, tensorHypers } from "./groups.ts";

interface Golden {
  lr_range: { arg: string; result_3_groups?: number | number[]; result_2_groups?: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL("../../test/golden/schedules.json", import.meta.url), "utf8")) as Golden;

test.each(golden.lr_range)("lrRange of $arg", ({ arg, result_3_groups, result_2_groups }) => {
  const n = result_2_groups ? 2 : 3;
  const expected = [(result_2_groups ?? result_3_groups)!].flat();
  const rates = lrRange(parse(arg), n);
  expect(rates).toHaveLength(n);
  for (const [i, rate] of rates.entries()) expect(rate / (expected[i] ?? expected[0]!)).toBeCloseTo(1, 8);
});

test("a single group takes the slice's stop", () => {
  expect([lrRange(slice(1e-4, 1e-2), 1), lrRange(slice(1e-2), 1), lrRange(1e-2, 1)]).toEqual([[1e-2], [1e-2], [1e-2]]);
});

test.each([0, -1, NaN, Infinity, slice(0, 1e-3), slice(NaN)])("%j is not a learning rate", (lr) => {
  expect(() => lrRange(lr, 3)).toThrowError(/^learning rate: expected a number above 0, but received /);
});

const parameters = [0, 0, 1, 1].map((group, i) => ({
  group,
  role: (["weight", "bias", "norm", "weight"] as ParameterRole[])[i]!,
}));

test("rates go by group, decay by group and role", () => {
  expect(tensorHypers(parameters, { lr: [1, 2], wd: [0.1, 0.2], bnWd: true }).map(({ lr, wd }) => [lr, wd])).toEqual([
    [1, 0.1],
    [1, 0.1],
    [2, 0.2],
    [2, 0.2],
  ]);
  expect(tensorHypers(parameters, { lr: [1, 2], wd: 0.1, bnWd: false }).map(({ wd }) => wd)).toEqual([0.1, 0, 0, 0.1]);
});

test("a group without a rate or a decay is an error", () => {
  expect(() => tensorHypers(parameters, { lr: [1], wd: 0, bnWd: true })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: layer group 1: expected a learning rate for it, but received none]`,
  );
  expect(() => tensorHypers(parameters, { lr: [1, 1], wd: [0], bnWd: true })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: layer group 1: expected a weight decay for it, but received none]`,
  );
});

/** "0.001" or Python's "slice(a, b, None)". */
function parse(arg: string) {
  const [start, stop] = arg.match(/None|\d[\d.e-]*/g)!;
  if (!arg.startsWith("slice")) return Number(arg);
  return start === "None" ? slice(Number(stop)) : slice(Number(start), Number(stop));
}
