import { describe, expect, test } from "vitest";
import type { Size } from "./image.ts";
import { planResize, resizeBilinear, resizeImageInto, resizeMaskInto } from "./resample.ts";
import type { ChannelScale } from "./resample.ts";
import { flipColumns, wholeView } from "./transforms/view.ts";

const same: ChannelScale = { scale: [1, 1, 1], shift: [0, 0, 0] };

function image(size: Size, value: (c: number, y: number, x: number) => number) {
  const data = new Uint8Array(size.height * size.width * 3);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(i % 3, Math.floor(i / 3 / size.width), Math.floor(i / 3) % size.width);
  }
  return { ...size, data };
}

function resized(from: Size, to: Size, value: (c: number, y: number, x: number) => number): Float32Array {
  const out = new Float32Array(3 * to.height * to.width);
  resizeImageInto(out, 0, image(from, value), planResize(from, to), same);
  return out;
}

describe("images", () => {
  test("corners stay corners and a ramp stays a ramp", () => {
    const out = resized({ height: 3, width: 5 }, { height: 5, width: 9 }, (c, y, x) => 20 * c + 10 * y + 4 * x);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < 5; y++) {
        for (let x = 0; x < 9; x++) expect(out[(c * 5 + y) * 9 + x]).toBeCloseTo(20 * c + 5 * y + 2 * x, 4);
      }
    }
  });

  test("the same size is the same picture, exactly", () => {
    const value = (c: number, y: number, x: number) => (c * 77 + y * 31 + x * 13) % 256;
    const out = resized({ height: 7, width: 6 }, { height: 7, width: 6 }, value);
    expect(out[(1 * 7 + 5) * 6 + 3]).toBe(value(1, 5, 3));
    expect([...out.subarray(0, 6)]).toEqual([0, 1, 2, 3, 4, 5].map((x) => value(0, 0, x)));
  });

  test("a fine checkerboard that shrinks by more than 2× becomes grey, by exactly 2× it does not", () => {
    const board = (_: number, y: number, x: number) => ((x + y) % 2) * 200;
    const grey = resized({ height: 40, width: 40 }, { height: 5, width: 5 }, board);
    for (const value of grey) expect(value).toBeCloseTo(100, 3);
    const sampled = resized({ height: 40, width: 40 }, { height: 20, width: 20 }, board);
    expect(Math.max(...sampled)).toBeGreaterThan(180);
  });

  test("mirrored, scaled and shifted into the middle of a batch", () => {
    const size = { height: 2, width: 3 };
    const out = new Float32Array(40).fill(-1);
    const scale = { scale: [1, 2, 3], shift: [0.5, 0, -1] } as const;
    resizeImageInto(
      out,
      18,
      image(size, (c, y, x) => 10 * c + 3 * y + x),
      planResize(size, size),
      scale,
      flipColumns(wholeView(size)),
    );
    expect([...out.subarray(18, 36)]).toEqual([
      2.5, 1.5, 0.5, 5.5, 4.5, 3.5, 24, 22, 20, 30, 28, 26, 65, 62, 59, 74, 71, 68,
    ]);
    expect([out[17], out[36]]).toEqual([-1, -1]);
  });

  test.each([
    [
      { height: 1, width: 1 },
      { height: 4, width: 3 },
    ],
    [
      { height: 9, width: 1 },
      { height: 2, width: 2 },
    ],
    [
      { height: 30, width: 40 },
      { height: 1, width: 1 },
    ],
    [
      { height: 101, width: 67 },
      { height: 1, width: 5 },
    ],
    [
      { height: 101, width: 67 },
      { height: 13, width: 7 },
    ],
  ])("a flat picture stays flat: %j to %j", (from, to) => {
    for (const value of resized(from, to, () => 90)) expect(value).toBeCloseTo(90, 3);
  });
});

describe("masks", () => {
  test("nearest, ties to the even row or column, mirrored on demand", () => {
    const mask = { height: 1, width: 6, data: Uint8Array.of(0, 1, 2, 3, 4, 5) };
    const plan = planResize(mask, { height: 1, width: 9 }); // positions 0, .625, 1.25, 1.875, 2.5, 3.125 …
    const out = new Int32Array(11).fill(-1);
    resizeMaskInto(out, 1, mask, plan);
    expect([...out]).toEqual([-1, 0, 1, 1, 2, 2, 3, 4, 4, 5, -1]);
    resizeMaskInto(out, 1, mask, plan, flipColumns(wholeView(plan.to)));
    expect([...out]).toEqual([-1, 5, 4, 4, 3, 2, 2, 1, 1, 0, -1]);
  });
});

describe("resizeBilinear", () => {
  test("every plane keeps its corners and ramps", () => {
    const from = { height: 2, width: 3 };
    const planes = Float32Array.of(0, 1, 2, 10, 11, 12, -5, -5, -5, 5, 5, 5);
    const out = resizeBilinear(planes, 2, from, { height: 3, width: 5 });
    const expected = [
      0, 0.5, 1, 1.5, 2, 5, 5.5, 6, 6.5, 7, 10, 10.5, 11, 11.5, 12, -5, -5, -5, -5, -5, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5,
    ];
    for (const [i, value] of expected.entries()) expect(out[i]).toBeCloseTo(value, 5);
  });

  test("one pixel fills the plane", () => {
    expect([...resizeBilinear(Float32Array.of(3), 1, { height: 1, width: 1 }, { height: 2, width: 2 })]).toEqual([
      3, 3, 3, 3,
    ]);
  });
});
