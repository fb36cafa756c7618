import { expect, test } from "vitest";
import { collate, emptyBatch } from "./batch.ts";

const sample = (id: string, value: number, height = 1, width = 2) => ({
  id,
  height,
  width,
  image: new Float32Array(3 * height * width).fill(value),
  mask: new Int32Array(height * width).fill(value),
});

test("collate puts samples side by side", () => {
  expect(collate([sample("a", 1), sample("b", 2)])).toEqual({
    images: Float32Array.of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2),
    masks: Int32Array.of(1, 1, 2, 2),
    n: 2,
    height: 1,
    width: 2,
    ids: ["a", "b"],
  });
});

test("different sizes are named", () => {
  expect(() => collate([sample("a", 1), sample("b", 2, 2, 2)])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: collate: expected samples of one size (height×width), but "a" is 1×2 and "b" 2×2]`,
  );
  expect(() => collate([])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: collate: expected at least one sample, but received none]`,
  );
});

test("an empty batch has room for its samples", () => {
  expect(emptyBatch(["a", "b"], 2, 3)).toMatchObject({ n: 2, height: 2, width: 3 });
  expect(emptyBatch(["a", "b"], 2, 3).images.length).toBe(36);
});
