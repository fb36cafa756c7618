import { describe, expect, test } from "vitest";
import { zoomSquishing } from "./affine.ts";

describe("zoomSquishing", () => {
  const tries = (scale: number[], squish: number[], invert: boolean[]) => ({ scale, squish, invert });

  test("the first window that lies inside, at its place", () => {
    // Area 1 with sides 4:1 does not fit; area 1/4 with sides 1:1 does.
    const matrix = zoomSquishing(tries([1, 4, 1], [4, 1, 1], [false, false, false]), 0, 1, 1.5);
    expect(matrix).toEqual([0.5, 0, 0.5, 0, 0.5, -0.5, 0, 0, 1]);
  });

  test("inverted, the longer side stands", () => {
    const [wide, , , , high] = zoomSquishing(tries([4], [4], [false]), 0.5, 0.5, 1);
    expect([wide, high]).toEqual([1, 0.25]);
    const [narrow, , , , tall] = zoomSquishing(tries([4], [4], [true]), 0.5, 0.5, 1);
    expect([narrow, tall]).toEqual([0.25, 1]);
  });

  test("where none fits, the largest square in the middle", () => {
    const none = tries([1], [2], [false]);
    expect(zoomSquishing(none, 0, 0, 1.6).map((value) => value + 0)).toEqual([0.625, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(zoomSquishing(none, 0, 0, 0.5).map((value) => value + 0)).toEqual([1, 0, 0, 0, 0.5, 0, 0, 0, 1]);
  });
});
