import { describe, expect, test } from "vitest";
import { splitByNames, splitRandomly } from "./split.ts";

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
