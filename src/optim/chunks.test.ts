import { expect, test } from "vitest";
import { chunksFit, chunksOf } from "./chunks.ts";

const shapes = { a: [2, 3], b: [4], c: [1], d: [5], e: [20] };
const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
const [slow, fast, plain] = [
  { lr: 1, wd: 0.1 },
  { lr: 2, wd: 0.1 },
  { lr: 2, wd: 0 },
];
const hypers = { a: slow, b: slow, c: fast, d: plain, e: plain };

test("neighbours of one learning rate and weight decay are one vector, up to a length", () => {
  const shown = (most?: number) =>
    chunksOf(parameters, hypers, most).map(({ parts, length }) => [parts.map((p) => p.name).join(""), length]);
  expect(shown()).toEqual([
    ["ab", 10],
    ["c", 1],
    ["de", 25],
  ]);
  expect(shown(10)).toEqual([
    ["ab", 10],
    ["c", 1],
    ["d", 5],
    ["e", 20],
  ]);
});

test("a part of a chunk knows its elements", () => {
  expect(chunksOf(parameters, hypers)[0]!.parts).toEqual([
    { name: "a", shape: [2, 3], start: 0, stop: 6 },
    { name: "b", shape: [4], start: 6, stop: 10 },
  ]);
});

test("chunks fit the parameters they were made of while these go on alike", () => {
  const chunks = chunksOf(parameters, hypers);
  const faster = { lr: 9, wd: 9 };
  expect(chunksFit(chunks, parameters, { ...hypers, a: faster, b: faster })).toBe(true);
  expect(chunksFit(chunks, parameters, { ...hypers, a: faster })).toBe(false);
  expect(chunksFit(chunks, new Map([...parameters].slice(1)), hypers)).toBe(false);
  expect(chunksFit([], new Map(), {})).toBe(true);
});
