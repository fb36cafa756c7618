import { decode } from "fast-png";
import { expect, test } from "vitest";
import { ToyLoader, toyLearner, ToyModel } from "../../test/support/toy-learner.ts";
import type { Batch } from "../data/batch.ts";
import { showResults } from "./show-results.ts";

const identity = new ToyModel(3, (x) => x);
const [height, width] = [2, 2];

/** Two grey pictures on which the first class wins everywhere; true is the second, and what does not count. */
const batch: Batch = {
  ...{ n: 2, height, width, ids: ["a", "b"] },
  images: Float32Array.from({ length: 24 }, (_, i) => (i % 12 < 4 ? 0.6 : 0.4)),
  masks: Int32Array.of(1, 1, 1, 255, 0, 0, 0, 0),
};

/** The pictures of an SVG, each as its first and its last pixel. */
function picturesOf(svg: string): number[][] {
  return [...svg.matchAll(/base64,([^"]+)"/g)].map(([, text]) => {
    const { data } = decode(Buffer.from(text!, "base64"));
    return [...data.slice(0, 3), ...data.slice(-3)];
  });
}

test("each picture, its truth, its prediction and its mistakes, in the colours of the classes, with a legend", async () => {
  const palette = [
    [200, 0, 0],
    [0, 200, 0],
    [0, 0, 200],
  ] as const;
  const learner = await toyLearner(identity, new ToyLoader([batch, batch]), { palette });
  const svg = await showResults(learner, { rows: 3, alpha: 1, out: "results.svg" });
  const plain = [153, 102, 102, 153, 102, 102];
  // The pixel that does not count is black in the truth and no mistake.
  const [wrong, grey] = [
    [198, 60, 60],
    [150, 150, 150],
  ];
  expect(picturesOf(svg)).toEqual([
    ...[plain, [0, 200, 0, 0, 0, 0], [200, 0, 0, 200, 0, 0], [...wrong, ...grey]],
    ...[plain, [200, 0, 0, 200, 0, 0], [200, 0, 0, 200, 0, 0], [...grey, ...grey]],
    ...[plain, [0, 200, 0, 0, 0, 0], [200, 0, 0, 200, 0, 0], [...wrong, ...grey]],
  ]);
  for (const text of ["Picture", "Mistakes", "Ground truth", "Prediction", "class 2", ">a<", ">b<"])
    expect(svg).toContain(text);
  expect(learner.host.files.has("results.svg")).toBe(true);
  const mixed = picturesOf(await showResults(learner, { rows: 1, alpha: 0.5 }));
  // Half of 0.6 and 0.4 of 255, half of green.
  expect(mixed[1]!.slice(0, 3)).toEqual([77, 151, 51]);
});

test("pictures without masks stand beside their prediction", async () => {
  const test1 = new ToyLoader([{ ...batch, labelled: false }]);
  const learner = await toyLearner(identity, new ToyLoader([batch]), { test: test1 });
  const svg = await showResults(learner, { dsType: "test", alpha: 1, rows: 1 });
  expect(svg).toContain(">Picture<");
  expect(picturesOf(svg)[0]!.slice(0, 3)).toEqual([153, 102, 102]);
});

test("rows that are none and files of other kinds are named", async () => {
  const learner = await toyLearner(identity, new ToyLoader([batch]));
  await expect(showResults(learner, { rows: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: showResults: rows: expected a whole number of at least 1, but received 0]`,
  );
  await expect(showResults(learner, { out: "results.jpg" })).rejects.toMatchObject({ name: "ConfigError" });
});
