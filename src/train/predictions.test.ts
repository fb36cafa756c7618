import { describe, expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { ToyLoader, toyLearner, ToyModel } from "../../test/support/toy-learner.ts";
import type { Batch } from "../data/batch.ts";
import { Random } from "../util/random.ts";
import { collectMasks, predictBatches } from "./predictions.ts";

const [height, width] = [2, 3];
const pixels = height * width;

/** Pictures whose three channels are the logits of three classes. */
function batchOf(names: string, labelled = true): Batch {
  const n = names.length;
  const random = new Random(7).split(names);
  return {
    ...{ n, height, width, ids: Array.from(names) },
    images: Float32Array.from({ length: 3 * n * pixels }, () => random.normal()),
    masks: Int32Array.from({ length: n * pixels }, () => (labelled ? random.integer(3) : 0)),
    ...(labelled ? {} : { labelled }),
  };
}

const identity = new ToyModel(3, (x) => x);
const batches = [batchOf("ab"), batchOf("cd"), batchOf("e")];

/** −log softmax at the true class, a mean for each picture; and the softmax itself. */
function expectedOf({ images, masks, n }: Batch) {
  const losses = Array.from({ length: n }, () => 0);
  const probabilities = new Float32Array(images.length);
  const predictions = new Uint8Array(n * pixels);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < pixels; p++) {
      const at = (c: number): number => (3 * i + c) * pixels + p;
      const exps = [0, 1, 2].map((c) => Math.exp(images[at(c)]!));
      const all = exps.reduce((a, b) => a + b);
      for (const [c, e] of exps.entries()) probabilities[at(c)] = e / all;
      predictions[i * pixels + p] = exps.indexOf(Math.max(...exps));
      losses[i]! -= Math.log(exps[masks[i * pixels + p]!]! / all) / pixels;
    }
  return { losses, probabilities, predictions };
}

test("class ids, truth, probabilities and the loss of each picture, batch by batch", async () => {
  const learner = await toyLearner(identity, new ToyLoader(batches));
  let i = 0;
  for await (const got of predictBatches(learner, { withProbabilities: true, withLoss: true, withImages: true })) {
    const batch = batches[i++]!;
    const expected = expectedOf(batch);
    expect(got).toMatchObject({ ids: batch.ids, n: batch.n, height, width, truth: batch.masks, images: batch.images });
    expect(got.predictions).toEqual(expected.predictions);
    expectClose("probabilities", got.probabilities!, expected.probabilities);
    expectClose("losses", got.losses!, expected.losses);
  }
  expect(i).toBe(3);
});

test("confidences are the probabilities of the predicted classes", async () => {
  const learner = await toyLearner(identity, new ToyLoader(batches));
  for await (const got of predictBatches(learner, { withConfidences: true, withProbabilities: true })) {
    const at = (i: number): number => (3 * Math.floor(i / pixels) + got.predictions[i]!) * pixels + (i % pixels);
    const expected = Float32Array.from(got.predictions, (_, i) => got.probabilities![at(i)]!);
    expectClose("confidences", got.confidences!, expected);
  }
});

test("what is not asked for is not there, and no batch is made before its turn", async () => {
  const loader = new ToyLoader(batches);
  const learner = await toyLearner(identity, loader);
  const stream = predictBatches(learner);
  const { value } = await stream.next();
  expect(value).toMatchObject({ probabilities: null, losses: null, images: null });
  expect(loader.given).toBe(1);
  await stream.return();
  expect(loader.given).toBe(1);
});

test("nBatch and from choose batches", async () => {
  const loader = new ToyLoader(batches);
  const learner = await toyLearner(identity, loader);
  const ids = [];
  for await (const batch of predictBatches(learner, { from: 1, nBatch: 1 })) ids.push(...batch.ids);
  expect(ids).toEqual(["c", "d"]);
  expect(loader.given).toBe(1);
});

test("other activations", async () => {
  const learner = await toyLearner(identity, new ToyLoader(batches));
  const [batch] = batches;
  for await (const { probabilities } of predictBatches(learner, { withProbabilities: true, activ: "none", nBatch: 1 }))
    expect(probabilities).toEqual(batch!.images);
  for await (const { probabilities } of predictBatches(learner, {
    withProbabilities: true,
    activ: "sigmoid",
    nBatch: 1,
  }))
    expectClose(
      "sigmoid",
      probabilities!,
      batch!.images.map((x) => 1 / (1 + Math.exp(-x))),
    );
});

test("masks alone can be collected", async () => {
  const learner = await toyLearner(identity, new ToyLoader(batches));
  const all = await collectMasks(predictBatches(learner));
  expect(all.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e"]);
  const { predictions } = expectedOf(batches[1]!);
  expect(all[3]!.prediction).toEqual({ height, width, data: predictions.slice(pixels) });
  expect([...all[3]!.truth!.data]).toEqual([...batches[1]!.masks.slice(pixels)]);
});

describe("pictures without masks", () => {
  const test1 = new ToyLoader([batchOf("xy", false)]);

  test("are predicted, without a truth", async () => {
    const learner = await toyLearner(identity, new ToyLoader(batches), { test: test1 });
    const [x] = await collectMasks(predictBatches(learner, { dsType: "test" }));
    expect(x).toMatchObject({ id: "x", truth: null });
  });

  test("have no loss, and a list that is not there is named", async () => {
    const learner = await toyLearner(identity, new ToyLoader(batches), { test: test1 });
    await expect(
      predictBatches(learner, { dsType: "test", withLoss: true }).next(),
    ).rejects.toThrowErrorMatchingInlineSnapshot(`[ConfigError: getPreds: "x" has no mask, so there is no loss of it]`);
    const without = await toyLearner(identity, new ToyLoader(batches));
    await expect(predictBatches(without, { dsType: "test" }).next()).rejects.toMatchObject({ name: "ConfigError" });
  });
});

test("with test-time augmentation, a model that moves with its picture says the same", async () => {
  const learner = await toyLearner(identity, new ToyLoader(batches));
  const plain = await collectMasks(predictBatches(learner));
  const tta = await collectMasks(predictBatches(learner, { tta: { scales: [1], beta: 0 } }));
  expect(tta).toEqual(plain);
});
