import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { broadcast, normalizeAxes, normalizeAxis, type Shape, sizeOf, windowOutput } from "./shape.ts";

describe("broadcast", () => {
  test.each([
    [[], [], []],
    [[3], [], [3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[5], [2, 1, 5], [2, 1, 5]],
    [[0], [1], [0]],
  ])("%j and %j to %j", (a, b, shape) => {
    expect(broadcast(a, b)).toEqual(shape);
    expect(broadcast(b, a)).toEqual(shape);
  });

  test("fails for sizes that differ and are not 1", () => {
    expect(broadcast([2], [3])).toBeUndefined();
    expect(broadcast([2, 3], [3, 2])).toBeUndefined();
    expect(broadcast([0], [2])).toBeUndefined();
  });

  test("gives back the shape whose axes were set to 1 or left out", () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const shape = Array.from({ length: random.integer(5) }, () => 1 + random.integer(4));
      const thinned = (): Shape => shape.map((n) => (random.chance(0.5) ? 1 : n));
      const [a, b] = [thinned(), shape.slice(0)];
      expect(broadcast(a, b)).toEqual(shape);
      const leading = shape.findIndex((n) => n !== 1);
      expect(broadcast(shape.slice(Math.max(leading, 0)), shape)).toEqual(shape);
    }
  });
});

test("axes are counted from either end, sorted and distinct", () => {
  expect(normalizeAxes("t", [-1, 0], 3)).toEqual([0, 2]);
  expect(normalizeAxis("t", -3, 3)).toBe(0);
  for (const axis of [3, -4, 0.5, Number.NaN]) expect(() => normalizeAxis("t", axis, 3)).toThrow(/expected an axis/);
  expect(() => normalizeAxes("t", [1, -2], 3)).toThrow(/distinct/);
});

test("windowOutput counts the places at which a window fits", () => {
  const random = new Random(2);
  for (let i = 0; i < 300; i++) {
    const [input, kernel, stride] = [1 + random.integer(12), 1 + random.integer(4), 1 + random.integer(3)];
    const [dilation, padding] = [1 + random.integer(3), random.integer(5)];
    let places = 0;
    for (let at = 0; at + dilation * (kernel - 1) < input + padding; at += stride) places++;
    expect(Math.max(windowOutput(input, kernel, stride, dilation, padding), 0)).toBe(places);
  }
});

test("a shape without axes has one element, an empty axis none", () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([3, 0])).toBe(0);
});
