import { expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import type { Look } from "./look.ts";
import { findSequences } from "./sequences.ts";

/** What a camera sees that moves along a random landscape, at a place. */
function lookAt(place: number, seed = 1): Look {
  const brightness = (column: number, row: number): number => {
    const at = (c: number): number => new Random(seed).split(1000 * row + c).integer(256);
    const [c, share] = [Math.floor(column), column % 1];
    return at(c) * (1 - share) + at(c + 1) * share;
  };
  const grid = Uint8Array.from({ length: 288 }, (_, i) => brightness(place + (i % 18) / 6, Math.floor(i / 54)));
  return { hash: new Uint8Array(8), grid };
}

const found = (numbers: readonly number[], place: (number: number, i: number) => number): string[] =>
  findSequences(
    numbers.map((n) => `drive_${n}.png`),
    numbers.map((n, i) => lookAt(place(n, i))),
  ).map(({ name, frames }) => `${name} ${frames[0]!.number}–${frames.at(-1)!.number}`);

const run = (from: number, count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

test("a gap in the numbers across which pictures differ parts two sequences", () => {
  const numbers = [...run(390, 20, 30), ...run(2910, 20, 30)];
  expect(found(numbers, (n) => n / 100)).toEqual(["drive_ 390–960", "drive_ 2910–3480"]);
});

test("a gap in the numbers alone does not: the film was cut", () => {
  const numbers = [...run(390, 20, 30), ...run(2910, 20, 30)];
  expect(found(numbers, (_, i) => i / 3)).toEqual(["drive_ 390–3480"]);
});

test("frames taken more seldom on one side are no gaps", () => {
  const numbers = [...run(0, 12, 30), ...run(360, 30, 1), ...run(420, 12, 30)];
  expect(found(numbers, (n) => n / 50)).toEqual(["drive_ 0–750"]);
});

test("numbers that occur twice, in folders of the sides", () => {
  const names = run(0, 20, 1).flatMap((n) => [`train/a${n}.png`, `valid/a${n}.png`]);
  const looks = run(0, 20, 1).flatMap((n) => [lookAt(n / 3), lookAt(n / 3 + 0.1)]);
  expect(findSequences(names, looks)).toHaveLength(1);
});

test("numbered pictures that have nothing in common are no sequence", () => {
  expect(found(run(0, 30, 1), (n) => 100 * n)).toEqual([]);
});
