import { expect, test } from "vitest";
import { fillRings } from "./fill-rings.ts";

const rows = (rings: readonly (readonly number[])[], height: number, width: number): string[] => {
  const { data } = fillRings(rings, { height, width });
  return Array.from({ length: height }, (_, y) => data.subarray(y * width, (y + 1) * width).join(""));
};

test("fills pixels whose centres are inside, whichever way round", () => {
  const triangle = [0, 0, 4, 0, 0, 4];
  expect(rows([triangle], 4, 5)).toEqual(["11100", "11000", "10000", "00000"]);
  expect(rows([[0, 4, 4, 0, 0, 0]], 4, 5)).toEqual(rows([triangle], 4, 5));
});

test("a ring inside another is a hole; what lies outside the picture is cut off", () => {
  expect(
    rows(
      [
        [-3, -1, 9, -1, 9, 9, -3, 9],
        [1, 1, 3, 1, 3, 2, 1, 2],
      ],
      3,
      4,
    ),
  ).toEqual(["1111", "1001", "1111"]);
  expect(rows([], 1, 2)).toEqual(["00"]);
});
