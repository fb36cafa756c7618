import { describe, expect, test } from "vitest";
import { crop, flipColumns, flipRows, gridRange, pad, transpose, viewSize, wholeView } from "./view.ts";
import type { View } from "./view.ts";

/** What a view of the picture 0 1 2 / 3 4 5 shows; −1 is outside. */
function seen(view: View): number[][] {
  const { height, width } = viewSize(view);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const row = view.rows[view.transposed ? x : y]!;
      const column = view.columns[view.transposed ? y : x]!;
      return row < 0 || column < 0 ? -1 : 3 * row + column;
    }),
  );
}

const whole = wholeView({ height: 2, width: 3 });

test("flips and transposition, one after another", () => {
  expect(seen(flipColumns(whole))).toEqual([
    [2, 1, 0],
    [5, 4, 3],
  ]);
  expect(seen(flipRows(whole))).toEqual([
    [3, 4, 5],
    [0, 1, 2],
  ]);
  expect(seen(transpose(whole))).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  expect(seen(flipColumns(transpose(whole)))).toEqual([
    [3, 0],
    [4, 1],
    [5, 2],
  ]);
  expect(seen(transpose(flipColumns(transpose(whole))))).toEqual(seen(flipRows(whole)));
});

describe("crop", () => {
  test("shares place the window; 1 is the last place", () => {
    expect(seen(crop(whole, { height: 1, width: 2 }, 0, 0.4))).toEqual([[0, 1]]);
    expect(seen(crop(whole, { height: 1, width: 2 }, 1, 1))).toEqual([[4, 5]]);
    expect(seen(crop(transpose(whole), { height: 2, width: 1 }, 0, 1))).toEqual([[3], [4]]);
  });

  test("keeps the length of an axis that is shorter", () => {
    expect(viewSize(crop(whole, { height: 9, width: 2 }, 0.5, 0.5))).toEqual({ height: 2, width: 2 });
  });
});

describe("pad", () => {
  test("reflection, border and zeros", () => {
    expect(seen(pad(whole, 0, 2, "reflection"))[0]).toEqual([2, 1, 0, 1, 2, 1, 0]);
    expect(seen(pad(whole, 0, 2, "border"))[0]).toEqual([0, 0, 0, 1, 2, 2, 2]);
    expect(seen(pad(whole, 1, 1, "zeros"))).toEqual([
      [-1, -1, -1, -1, -1],
      [-1, 0, 1, 2, -1],
      [-1, 3, 4, 5, -1],
      [-1, -1, -1, -1, -1],
    ]);
  });

  test("reflection goes back and forth where the padding is as long as the picture or longer", () => {
    expect(seen(pad(whole, 0, 7, "reflection"))[0]!.join("")).toBe("12101210121012101");
    expect(seen(pad(wholeView({ height: 1, width: 1 }), 2, 0, "reflection"))).toEqual([[0], [0], [0], [0], [0]]);
  });
});

test("gridRange finds a rectangle of what is seen in the grid", () => {
  expect(gridRange(flipColumns(whole), [0, 1], [0, 2])).toEqual({ rows: [0, 0], columns: [1, 2] });
  expect(gridRange(transpose(whole), [0, 1], [0, 2])).toEqual({ rows: [0, 1], columns: [0, 0] });
  expect(gridRange(whole, [1, 1], [0, 2])).toBeNull();
});
