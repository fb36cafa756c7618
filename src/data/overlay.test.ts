import { expect, test } from "vitest";
import { errorMap } from "./overlay.ts";

const image = { height: 1, width: 3, data: new Uint8Array(9).fill(100) };
const maskOf = (...ids: number[]) => ({ height: 1, width: 3, data: Uint8Array.from(ids) });

test("mistakes are red on grey; what does not count stays grey", () => {
  const map = errorMap(image, maskOf(1, 1, 2), maskOf(1, 0, 0), (id) => id === 2);
  const [right, wrong, uncounted] = [0, 1, 2].map((i) => [...map.data.subarray(3 * i, 3 * i + 3)]);
  expect(right).toEqual([140, 140, 140]);
  expect(wrong).toEqual([196, 58, 58]);
  expect(uncounted).toEqual(right);
  expect(() => errorMap(image, maskOf(0, 0, 0), { ...maskOf(0, 0, 0), width: 4 })).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: errorMap: expected masks of 1×3, but received 1×4]`,
  );
});
