import { describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import type { IdMask } from "../image.ts";
import { AreaBins, forEachObject } from "./objects.ts";

function objects(mask: IdMask): [id: number, area: number][] {
  const found: [number, number][] = [];
  forEachObject(mask, (id, area) => found.push([id, area]));
  return found.toSorted(([a, x], [b, y]) => a - b || x - y);
}

/** The same by filling one object after the other. */
function byFilling({ data, height, width }: IdMask): [id: number, area: number][] {
  const seen = new Uint8Array(data.length);
  const found: [number, number][] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start]) continue;
    const stack = [start];
    seen[start] = 1;
    let area = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      area++;
      const [y, x] = [Math.floor(at / width), at % width];
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++)
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
          const next = v * width + u;
          if (!seen[next] && data[next] === data[start]) {
            seen[next] = 1;
            stack.push(next);
          }
        }
    }
    found.push([data[start]!, area]);
  }
  return found.toSorted(([a, x], [b, y]) => a - b || x - y);
}

describe("objects", () => {
  test("touch at sides and corners", () => {
    const rows = ["1.1..", ".1...", "...22", "2..2.", "22222"];
    const data = Uint8Array.from(
      rows
        .join("")
        .split("")
        .map((pixel) => (pixel === "." ? 0 : Number(pixel))),
    );
    expect(objects({ data, height: 5, width: 5 })).toEqual([
      [0, 1],
      [0, 12],
      [1, 3],
      [2, 9],
    ]);
  });

  test.each([
    [2, 30, 40],
    [3, 40, 30],
    [9, 100, 90],
    [2, 1, 50],
    [2, 50, 1],
  ])("random masks of %i ids, %i×%i, as by filling", (ids, height, width) => {
    const random = new Random(height);
    const mask = { data: Uint8Array.from({ length: height * width }, () => random.integer(ids)), height, width };
    expect(objects(mask)).toEqual(byFilling(mask));
  });
});

test("areas by bins are right to 5 %", () => {
  for (const area of [1, 2, 3, 7, 20, 99, 1000, 54_321, 172_800]) {
    const bins = new AreaBins();
    bins.add(AreaBins.binOf(area), 3);
    expect(Math.abs(bins.quantile(0.5)! - area)).toBeLessThanOrEqual(Math.max(0.05 * area, 0));
  }
  const bins = new AreaBins();
  expect(bins.quantile(0.5)).toBe(null);
  for (const area of [1, 1, 1, 1, 1000]) bins.add(AreaBins.binOf(area), 1);
  expect([bins.total, bins.quantile(0.1), bins.quantile(0.5), bins.quantile(0.8)]).toEqual([5, 1, 1, 1]);
  expect(bins.quantile(0.9)).toBeGreaterThan(950);
});
