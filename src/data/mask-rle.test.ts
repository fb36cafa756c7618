import { expect, test } from "vitest";
import { openMaskRle, rleDecode, rleEncode } from "./mask-rle.ts";

test("runs count from 1 along the rows", () => {
  const mask = { height: 2, width: 4, data: Uint8Array.from([0, 1, 1, 0, 0, 0, 1, 1]) };
  expect(rleEncode(mask)).toBe("2 2 7 2");
  expect(rleDecode("2 2 7 2", { height: 2, width: 4 })).toEqual(mask);
  expect(rleEncode({ ...mask, data: Uint8Array.from([3, 3, 3, 3, 3, 3, 3, 3]) })).toBe("1 8");
  expect(rleEncode({ ...mask, data: new Uint8Array(8) })).toBe("");
  expect(openMaskRle(" ", mask).data).toEqual(new Uint8Array(8));
});

test("text that is no runs, and runs beyond the mask, are named", () => {
  const size = { height: 2, width: 4 };
  expect(() => rleDecode("1 2 3", size)).toThrowErrorMatchingInlineSnapshot(
    `[DataError: rle: expected pairs of a start and a length, but received "1 2 3"]`,
  );
  expect(() => rleDecode("0 2", size)).toThrow("expected pairs");
  expect(() => rleDecode("7 3", size)).toThrowErrorMatchingInlineSnapshot(
    `[DataError: rle: a run ends at pixel 9, but a 2×4 mask has 8]`,
  );
});

test("bombs are refused: overlapping runs, more text than runs can take, masks without end", () => {
  const tooMuch = (message: string) =>
    expect.objectContaining({ exitCode: 7, message: expect.stringContaining(message) });
  const size = { height: 100, width: 100 };
  const overlapping = "1 10000 ".repeat(1e4);
  expect(() => rleDecode(overlapping, size)).toThrowError(tooMuch("they name more pixels than the 10000 of the mask"));
  expect(() => rleDecode("1 1 ".repeat(1e6), size)).toThrowError(tooMuch("more than runs of 10000 pixels can take"));
  expect(() => rleDecode("1 1", { height: 30_000, width: 30_000 })).toThrowError(
    tooMuch("over the limit of 100 megapixels"),
  );
  expect(() => rleDecode("1 1", { height: -1, width: 3 })).toThrow("expected a height and a width");
});
