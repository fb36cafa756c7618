import { describe, expect, test } from "vitest";
import { splitByGroup, splitKFold } from "./split-groups.ts";

/** Videos a–f of 3, 5, 4, 6, 2 and 10 frames. */
const frames = [...[3, 5, 4, 6, 2, 10].entries()].flatMap(([video, count]) =>
  Array.from({ length: count }, (_, i) => ({ name: `day/${"abcdef"[video]}_${String(i).padStart(3, "0")}.png` })),
);
const videos = (list: readonly { name: string }[]) =>
  [...new Set(list.map(({ name }) => name[4]!))].toSorted().join("");
const pattern = /(\w)_\d+\.png$/;

describe("splitByGroup", () => {
  test.each([0, 1, 2, 3, 4, 5])("no group is on both sides, seed %i", (seed) => {
    const { train, valid, notes } = splitByGroup(frames, pattern, 0.2, seed);
    expect(train.length + valid.length).toBe(30);
    expect(videos(train) + videos(valid)).toHaveLength(6);
    expect(train.length).toBeGreaterThan(0);
    expect(valid.length).toBeGreaterThan(0);
    expect(splitByGroup(frames, pattern, 0.2, seed)).toEqual({ train, valid, notes });
    expect(notes[0]).toMatch(/^the validation list is \d of 6 groups: \d+ of 30 images$/);
  });

  test("a pattern's flags do not matter, its group does", () => {
    expect(splitByGroup(frames, /(\w)_\d+\.png$/g, 0.2, 3)).toEqual(splitByGroup(frames, pattern, 0.2, 3));
    expect(() => splitByGroup(frames, /\w_/, 0.2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: splitByGroup: /\\w_/ captures nothing in day/a_000.png]`,
    );
    expect(() => splitByGroup(frames, /(x)_/, 0.2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: splitByGroup: /(x)_/ does not match day/a_000.png]`,
    );
    expect(() => splitByGroup(frames, /(day)/, 0.2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: splitByGroup: all 30 images are in one group, "day"]`,
    );
  });
});

describe("splitKFold", () => {
  test("every item is validated on once; parts differ by one item at most", () => {
    const parts = [0, 1, 2, 3].map((fold) => splitKFold(frames, { k: 4, fold, seed: 2 }));
    expect(parts.flatMap(({ valid }) => valid.map(({ name }) => name)).toSorted()).toEqual(
      frames.map(({ name }) => name).toSorted(),
    );
    expect(parts.map(({ valid }) => valid.length).toSorted((a, b) => a - b)).toEqual([7, 7, 8, 8]);
    for (const { train, valid } of parts) expect(train.length + valid.length).toBe(30);
  });

  test("groups stay together", () => {
    const parts = [0, 1, 2].map((fold) => splitKFold(frames, { k: 3, fold }, pattern));
    expect(
      parts
        .map(({ valid }) => videos(valid))
        .join("")
        .split("")
        .toSorted()
        .join(""),
    ).toBe("abcdef");
    expect(parts.map(({ valid }) => valid.length)).toEqual([10, 11, 9]);
    for (const { train, valid } of parts) expect(videos(train) + videos(valid)).toHaveLength(6);
  });

  test("folds that are none are refused", () => {
    expect(() => splitKFold(frames, { k: 1, fold: 0 })).toThrow("splitKFold: expected k of at least 2");
    expect(() => splitKFold(frames, { k: 3, fold: 3 })).toThrow("splitKFold: expected a fold from 0 to 2");
    expect(() => splitKFold(frames, { k: 7, fold: 0 }, pattern)).toThrow("6 groups do not fill 7 folds");
  });
});
