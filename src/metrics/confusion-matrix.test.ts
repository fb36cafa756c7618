import { expect, test } from "vitest";
import { ConfusionMatrix } from "./confusion-matrix.ts";

test("adds up batches of either integer type, and other matrices", () => {
  const sum = new ConfusionMatrix(3);
  sum.add(Uint8Array.of(0, 1, 2), Int32Array.of(0, 2, 2));
  sum.add(Int32Array.of(1), Uint8Array.of(2));
  sum.merge(count(3, [2, 0], [2, 1]));
  expect([...sum.counts]).toEqual([1, 0, 0, 1, 0, 0, 0, 2, 2]);
});

test.each([255, -1, 1])("pixels whose truth is the ignore index %i do not count", (ignoreIndex) => {
  const ignoring = new ConfusionMatrix(2, { ignoreIndex });
  ignoring.add(Int32Array.of(0, 1, 0), Int32Array.of(0, ignoreIndex, 0));
  expect([...ignoring.counts]).toEqual([2, 0, 0, 0]);
});

test("all truth outside the classes can be ignored", () => {
  const ignoring = new ConfusionMatrix(2, { ignoreIndex: "outside" });
  ignoring.add(Int32Array.of(0, 1, 7, 1), Int32Array.of(0, 255, -1, 0));
  expect([...ignoring.counts]).toEqual([1, 1, 0, 0]);
  expect(() => ignoring.add(Int32Array.of(2), Int32Array.of(0))).toThrow("expected a predicted class in [0, 1], but");
});

test("a class outside the table is an error and counts nothing", () => {
  const two = new ConfusionMatrix(2);
  expect(() => two.add(Int32Array.of(0, 0), Int32Array.of(0, 2))).toThrowErrorMatchingInlineSnapshot(
    `[DataError: confusion matrix: expected a true class in [0, 1], but received 2 at pixel 1]`,
  );
  expect(() => two.add(Int32Array.of(0, 0), Int32Array.of(0, -1))).toThrowErrorMatchingInlineSnapshot(
    `[DataError: confusion matrix: expected a true class in [0, 1], but received -1 at pixel 1]`,
  );
  expect(() => two.add(Int32Array.of(0, 3), Int32Array.of(0, 0))).toThrowErrorMatchingInlineSnapshot(
    `[DataError: confusion matrix: expected a predicted class in [0, 1], but received 3 at pixel 1]`,
  );
  const ignoring = new ConfusionMatrix(2, { ignoreIndex: 255 });
  expect(() => ignoring.add(Uint8Array.of(0), Uint8Array.of(254))).toThrowErrorMatchingInlineSnapshot(
    `[DataError: confusion matrix: expected a true class in [0, 1] (or the ignore index 255), but received 254 at pixel 0]`,
  );
  expect([...two.counts, ...ignoring.counts].every((n) => n === 0)).toBe(true);
});

test("sides of different size are an error", () => {
  expect(() => count(2, [0], [0, 1])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: confusion matrix: expected as many predictions as true pixels (2), but received 1]`,
  );
  expect(() => new ConfusionMatrix(2).merge(new ConfusionMatrix(3))).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: confusion matrix: expected 2 classes, but received 3]`,
  );
});

function count(classes: number, predictions: readonly number[], truth: readonly number[]): ConfusionMatrix {
  const counted = new ConfusionMatrix(classes);
  counted.add(Uint8Array.from(predictions), Int32Array.from(truth));
  return counted;
}
