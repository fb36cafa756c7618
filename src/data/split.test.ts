import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  splitByFolder,
  splitByFunc,
  splitByIdx,
  splitByIdxs,
  splitByNames,
  splitByRandPct,
  splitRandomly,
  splitSubsets,
} from "./split.ts";

const items = ["a", "b", "c", "d", "e", "sub/f"].map((id) => ({
  id,
  image: `/x/images/${id}.jpg`,
  mask: `/x/labels/${id}.png`,
}));
const ids = (list: readonly { id: string }[]) => list.map((item) => item.id);

describe("splitByNames", () => {
  test("by file name, with or without extension, folder and odd line ends", () => {
    const { train, valid, notes } = splitByNames(items, "\uFEFFe.jpg\r\nb\r\n\r\nsub\\f.png\n", "valid.txt");
    expect(ids(valid)).toEqual(["b", "e", "sub/f"]);
    expect(ids(train)).toEqual(["a", "c", "d"]);
    expect(notes).toEqual([]);
    expect(ids(splitByNames(items, "f.jpg", "valid.txt").valid)).toEqual(["sub/f"]);
  });

  test("names that match nothing are counted", () => {
    expect(splitByNames(items, "a.jpg\nz.jpg\ny.jpg\n", "valid.txt").notes).toEqual([
      "names in valid.txt that match no image: 2, such as z.jpg",
    ]);
  });

  test("no name, no match and nothing left are errors", () => {
    expect(() => splitByNames(items, " \n\n", "valid.txt")).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: valid.txt is empty, so there is no validation list]`,
    );
    expect(() => splitByNames(items, "labels/a.jpg\nz.jpg", "valid.txt")).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: no line of valid.txt is the name of an image; the first is "labels/a.jpg"]`,
    );
    expect(() => splitByNames(items, "a\nb\nc\nd\ne\nf", "valid.txt")).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: valid.txt names all 6 images, so none is left to train on]`,
    );
  });
});

describe("splitRandomly", () => {
  test("the same seed gives the same share, in the order of the items", () => {
    const { train, valid, notes } = splitRandomly(items, 0.4, 7);
    expect(splitRandomly(items, 0.4, 7)).toEqual({ train, valid, notes });
    expect(valid.length).toBe(2);
    expect(ids([...train, ...valid]).toSorted()).toEqual(ids(items));
    expect(ids(valid).toSorted()).toEqual(ids(valid));
    expect(notes).toEqual(["the validation list is a random choice: 2 of 6 images, seed 7"]);
    const others = [1, 2, 3, 4, 5].map((seed) => ids(splitRandomly(items, 0.4, seed).valid).join());
    expect(new Set(others).size).toBeGreaterThan(1);
  });

  test("both lists hold at least one item", () => {
    expect(splitRandomly(items.slice(0, 2), 0.2, 0).valid.length).toBe(1);
    expect(splitRandomly(items.slice(0, 2), 1, 0).train.length).toBe(1);
    expect(() => splitRandomly(items.slice(0, 1), 0.2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: 1 image cannot be split into training and validation images]`,
    );
  });
});

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/rng_and_splits.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly train: readonly string[]; readonly valid: readonly string[] }>>;
const twenty = Array.from({ length: 20 }, (_, i) => ({ id: `f${String(i).padStart(2, "0")}`, image: "" }));

describe("fastai's splits", () => {
  test("seeded ones give fastai's lists, in their order", () => {
    const share = splitByRandPct(twenty, 0.2, 42);
    expect({ train: ids(share.train), valid: ids(share.valid) }).toEqual(golden.split_by_rand_pct_0_2_seed42);
    const subsets = splitSubsets(twenty, 0.5, 0.2, 42);
    expect({ train: ids(subsets.train), valid: ids(subsets.valid) }).toEqual(golden.split_subsets_0_5_0_2_seed42);
    expect(splitByRandPct(twenty.slice(0, 7), 0.2, 1).valid.length).toBe(1);
  });

  test("positions, folders and functions", () => {
    expect(ids(splitByIdx(items, [4, 0]).valid)).toEqual(["e", "a"]);
    expect(ids(splitByIdx(items, [4, 0]).train)).toEqual(["b", "c", "d", "sub/f"]);
    expect(ids(splitByIdxs(items, [1], [2]).train)).toEqual(["b"]);
    const filed = ["train/a", "valid/train/b", "test/c", "d"].map((id) => ({ id, image: id }));
    expect(splitByFolder(filed, "train", "valid")).toEqual({
      train: [filed[0]],
      valid: [filed[1]],
      notes: ["images outside train/ and valid/ are left out: 2, such as test/c"],
    });
    expect(ids(splitByFunc(items, ({ id }) => id > "d", "f").valid)).toEqual(["e", "sub/f"]);
  });

  test("an empty list is named, and so are wrong positions and shares", () => {
    const message = (split: () => unknown): string => {
      try {
        split();
      } catch (error) {
        return `${(error as Error).message} → ${(error as { hint?: string }).hint}`;
      }
      throw new Error("expected an error");
    };
    expect(message(() => splitByFunc(items, () => false, "splitByValidFunc"))).toMatchInlineSnapshot(
      `"data: splitByValidFunc leaves the validation list empty (training 6, validation 0) → To train without validation, call splitNone()."`,
    );
    expect(message(() => splitByFolder(items, "sub", "valid"))).toMatchInlineSnapshot(
      `"data: splitByFolder (sub/, valid/) leaves the validation list empty (training 1, validation 0) → To train without validation, call splitNone()."`,
    );
    expect(message(() => splitByIdx(items, [0, 1, 2, 3, 4, 5]))).toMatchInlineSnapshot(
      `"data: splitByIdx leaves the training list empty (training 0, validation 6) → Choose fewer images to validate on."`,
    );
    expect(message(() => splitByIdx(items, [6]))).toMatchInlineSnapshot(
      `"splitByIdx: expected positions from 0 to 5, but received 6 → undefined"`,
    );
    expect(message(() => splitByRandPct(items, 0.1, 0))).toMatchInlineSnapshot(
      `"data: splitByRandPct leaves the validation list empty (training 6, validation 0) → To train without validation, call splitNone()."`,
    );
    expect(message(() => splitByRandPct(items, 20, 0))).toMatchInlineSnapshot(
      `"splitByRandPct: expected a share of at least 0 and below 1, but received 20 → undefined"`,
    );
    expect(message(() => splitSubsets(items, 0.6, 0.5, 0))).toMatchInlineSnapshot(
      `"splitSubsets: expected shares of at most 1 together, but received 0.6 and 0.5 → undefined"`,
    );
  });
});
