import { expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import { transformImage, transformMask } from "./apply.ts";
import { jitter, zoom } from "./builders.ts";
import { drawTransforms } from "./draw.ts";

const board = {
  height: 40,
  width: 40,
  data: Uint8Array.from({ length: 4800 }, (_, i) => ((Math.floor(i / 3) + Math.floor(i / 120)) % 2) * 200),
};

test("a fine checkerboard that shrinks 5× becomes grey, unless the zoom brings it back", () => {
  const shrink = (scale: number) =>
    transformImage(board, drawTransforms([zoom({ scale })], new Random(0)), { size: [8, 8] }).data;
  const contrast = (values: Float32Array) => Math.max(...values) - Math.min(...values);
  expect(contrast(shrink(1.01))).toBeLessThan(0.1);
  expect(contrast(shrink(5))).toBeGreaterThan(0.3);
});

test("jitter moves each pixel by at most its magnitude, the same way for the same seed", () => {
  const columns = { height: 21, width: 101, data: Uint8Array.from({ length: 2121 }, (_, i) => i % 101) };
  const jittered = (magnitude: number, seed: number) =>
    transformMask(columns, drawTransforms([jitter({ magnitude, seed })], new Random(0))).data;
  const moved = jittered(0.1, 1);
  const distances = Array.from(moved, (id, i) => Math.abs(id - (i % 101)));
  expect(Math.max(...distances)).toBeGreaterThan(3);
  expect(Math.max(...distances)).toBeLessThanOrEqual(5); // 0.1 of half a width of 100
  expect(jittered(0.1, 1)).toEqual(moved);
  expect(jittered(0.1, 2)).not.toEqual(moved);
});
