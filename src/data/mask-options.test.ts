import { expect, test } from "vitest";
import { applyTable, ignoredId, maskTable } from "./mask-options.ts";

function mapped(values: readonly number[], options: Parameters<typeof maskTable>[0]): number[] {
  const ids = Uint8Array.from(values);
  applyTable(ids, maskTable(options));
  return [...ids];
}

test("stored numbers are divided, then mapped; all others stay", () => {
  expect(mapped([0, 255, 254, 3], { div: true })).toEqual([0, 1, 1, 0]);
  expect(mapped([0, 60, 120], { div: 60 })).toEqual([0, 1, 2]);
  expect(mapped([0, 3, 255], { valueMap: { 255: 11, 3: 0 } })).toEqual([0, 0, 11]);
  expect(mapped([0, 255], { div: true, valueMap: { 1: 0, 0: 1 } })).toEqual([1, 0]);
  expect(maskTable({})).toBeNull();
  expect(maskTable({ div: false, valueMap: { 4: 4 } })).toBeNull();
});

test("an id beyond the classes is ignored, one of them is a class", () => {
  expect(ignoredId({ ignoreIndex: 255 }, 21)).toBe(255);
  expect(ignoredId({ ignoreIndex: 11 }, 12)).toBeNull();
  expect(ignoredId(undefined, 12)).toBeNull();
});

test("options that are none are refused", () => {
  expect(() => maskTable({ div: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: masks: div: expected true or a number from 1 to 255, but received 0]`,
  );
  expect(() => maskTable({ valueMap: { 1: 256 } })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: masks: valueMap: expected whole numbers from 0 to 255, but received 256]`,
  );
  expect(() => maskTable({ valueMap: { [-1]: 0 } })).toThrow("valueMap");
  expect(() => maskTable({ ignoreIndex: 1.5 })).toThrow("ignoreIndex");
});
