import { expect, test } from "vitest";
import { BadPictures } from "./bad-pictures.ts";
import { requestOf } from "./epoch-requests.ts";

const items = Array.from({ length: 7 }, (_, i) => ({ id: String(i), image: "" }));
const order = [
  [6, 2],
  [0, 5],
  [3, 1],
];
const without = (...ids: string[]): BadPictures =>
  new BadPictures({ most: 9, known: ids.map((id) => ({ id, reason: "" })) });

test("where a bad picture is an error, a request is the batch alone", () => {
  expect(requestOf(4, order, 1, { items, bad: undefined, fills: true })).toEqual({ epoch: 4, indices: [0, 5] });
});

test("others of the epoch are at hand, the next ones first; known bad ones have no place", () => {
  expect(requestOf(4, order, 1, { items, bad: without(), fills: true })).toEqual({
    ...{ epoch: 4, indices: [0, 5], spares: [3, 1, 6, 2] },
  });
  expect(requestOf(4, order, 1, { items, bad: without("0", "1", "6"), fills: true })).toEqual({
    ...{ epoch: 4, indices: [null, 5], spares: [3, 2] },
  });
});

test("where no other takes its place, it is left out", () => {
  expect(requestOf(0, order, 2, { items, bad: without("3"), fills: false })).toEqual({
    ...{ epoch: 0, indices: [null, 1], spares: [] },
  });
});

test("there are no more at hand than can be needed", () => {
  const many = Array.from({ length: 2000 }, (_, i) => ({ id: String(i), image: "" }));
  const long = Array.from({ length: 500 }, (_, i) => [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3]);
  expect(requestOf(0, long, 0, { items: many, bad: without(), fills: true }).spares).toHaveLength(256);
});
