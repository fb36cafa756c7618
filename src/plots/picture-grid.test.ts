import { expect, test } from "vitest";
import { pictureGrid } from "./picture-grid.ts";

const picture = (height: number, width: number) => ({ height, width, data: new Uint8Array(3 * height * width) });
const sizeOf = (svg: string): number[] =>
  [...svg.matchAll(/(?:width|height)="([\d.]+)"/g)].slice(0, 2).map((m) => Number(m[1]));

test("a large picture keeps its pixels: the sheet grows, two pixels of a PNG for each of its units", () => {
  // Twice 960 pixels, of which the sheet shows 340 units each; at two pixels a unit it must be 960/680 as large.
  const zoom = 960 / 680;
  const [width] = sizeOf(pictureGrid([[picture(720, 960), picture(720, 960)]]));
  expect(width).toBeCloseTo((2 * 16 + 2 * 340 + 10) * zoom, 1);
  expect(sizeOf(pictureGrid([[picture(24, 32)]]))).toEqual([2 * 16 + 256, 2 * 16 + 192]);
});

test("names are written as text, whatever letters they have, and cut where there is no room", () => {
  const svg = pictureGrid([[picture(4, 4)]], {
    captions: ['<a> & "b"\u0007'],
    legend: { classes: ["x".repeat(100)], palette: [[1, 2, 3]] },
  });
  expect(svg).toContain("&#60;a&#62; &#38; &#34;b&#34; <");
  expect(svg).toContain("xxx…</text>");
  expect(svg).toContain("rgb(1,2,3)");
});

test("no pictures are an error", () => {
  expect(() => pictureGrid([])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: pictureGrid: expected at least one picture, but received none]`,
  );
});
