import path from "node:path";
import { expect, test } from "vitest";
import { tempFolder, writeGreyMask } from "../../test/support/dataset.ts";
import { weightsFrom } from "../losses/class-weights.ts";
import { classWeights, countClasses } from "./class-frequencies.node.ts";

const classes = ["sky", "road", "void", "car"];

/** Masks of one row each, in a folder. */
async function datasetOf(rows: readonly (readonly number[])[]) {
  const folder = await tempFolder();
  const train = rows.map((_, i) => ({ id: `${i}`, image: "", mask: path.join(folder, `${i}.png`) }));
  for (const [i, row] of rows.entries())
    await writeGreyMask(train[i]!.mask, { data: Uint8Array.from(row), height: 1, width: row.length });
  return { train, classes, voidIndex: 2 };
}

const rows = [
  [0, 0, 0, 1, 2, 2],
  [0, 1, 1, 2],
  [2, 2],
];

test("counts the pixels of every class, and those of the pictures it is in, without void", async () => {
  const seen: [number, number][] = [];
  const dataset = await datasetOf(rows);
  const counted = await countClasses(dataset, { onProgress: (done, total) => seen.push([done, total]) });
  expect(counted).toEqual({ pixels: [4, 3, 0, 0], around: [7, 7, 0, 0] });
  expect(seen).toEqual([1, 2, 3].map((done) => [done, 3]));
  expect(await countClasses({ ...dataset, voidIndex: null })).toEqual({
    pixels: [4, 3, 5, 0],
    around: [10, 10, 12, 0],
  });
});

test("masks are read as the dataset says, and ids outside the classes do not count", async () => {
  const dataset = { ...(await datasetOf([[0, 1, 255, 9]])), masks: { valueMap: { 9: 3 }, ignoreIndex: 255 } };
  expect(await countClasses(dataset)).toEqual({ pixels: [1, 1, 0, 1], around: [3, 3, 0, 3] });
});

test("weights of a dataset, or of data made of it", async () => {
  const dataset = await datasetOf(rows);
  const expected = weightsFrom({ pixels: [4, 3, 0, 0], around: [7, 7, 0, 0] }, { method: "inverse" });
  expect(await classWeights(dataset, { method: "inverse" })).toEqual(expected);
  expect(await classWeights({ dataset }, { method: "inverse" })).toEqual(expected);
});

test("counting ends by the signal, or by a mask that is not there", async () => {
  const dataset = await datasetOf(rows);
  await expect(countClasses(dataset, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  const gone = { ...dataset, train: [{ id: "0", image: "", mask: "gone.png" }] };
  await expect(countClasses(gone)).rejects.toThrow("mask gone.png does not exist");
});
