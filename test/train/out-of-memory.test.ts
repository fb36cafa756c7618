/** @file Batches that are too large for the memory: computed in parts, the steps staying those of whole batches. */
import { describe, expect, test } from "vitest";
import type { Batch } from "../../src/data/batch.ts";
import type { BatchLoader } from "../../src/data/databunch.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { sumLoss } from "../../src/losses/sum-loss.ts";
import type { BatchSplit } from "../../src/train/batch-parts.ts";
import type { Callback } from "../../src/train/callback.ts";
import { GradientAccumulation } from "../../src/train/callbacks/gradient-accumulation.ts";
import { GradientClipping } from "../../src/train/callbacks/gradient-clipping.ts";
import { Mixup } from "../../src/train/callbacks/mixup.ts";
import { cpuTarget } from "../../src/onnx/target.ts";
import { trainingProgram } from "../../src/train/programs.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import type { Learner } from "../../src/train/learner.ts";
import { ResourceError } from "../../src/util/errors.ts";
import { expectClose } from "../support/close.ts";
import { type Asked, scarceRuntime } from "../support/scarce-runtime.ts";
import { numbersOf, smallBatch, smallLearner, SmallModel, type SmallOptions } from "../support/small-learner.ts";

const norm = (): SmallModel => new SmallModel({ norm: true });
const trainsAbove =
  (most: number) =>
  ({ trains, pictures, loads }: Asked): boolean =>
    trains && !loads && pictures > most;

/** A learner whose memory lasts as far as `lacks` says, and what it was told of that. */
async function scarce(lacks: (asked: Asked) => boolean, options: SmallOptions = {}) {
  const splits: BatchSplit[] = [];
  const runtime = await scarceRuntime(lacks);
  const learner = await smallLearner({ model: norm(), runtime, onSplit: (split) => splits.push(split), ...options });
  return { learner, splits };
}

/** Batches of the pictures of these numbers. */
function loaderOf(batches: readonly (readonly number[])[], change: (batch: Batch) => Batch = (batch) => batch) {
  const loader: BatchLoader = {
    length: batches.length,
    batchSize: batches[0]!.length,
    async *batches(_, { from = 0 } = {}) {
      for (const numbers of batches.slice(from)) yield change(smallBatch(numbers));
    },
  };
  return loader;
}

/** Gathers the gradients of so many batches, each counting by its pictures, into one step. */
const gathering = (counts: readonly (readonly [weight: number, first: boolean, last: boolean])[]): Callback => ({
  batchStart({ batch }, step) {
    const [weight, first, last] = counts[batch]!;
    step.accumulate = { weight, first, last };
  },
});

async function expectSame(learner: Learner, expected: Learner): Promise<void> {
  expect(await numbersOf(learner)).toEqual(await numbersOf(expected));
}

describe("a batch that does not fit", () => {
  test("is computed in halves: the same as small batches whose gradients are gathered, bit for bit", async () => {
    const { learner, splits } = await scarce(trainsAbove(2), { batches: 3, batchSize: 4 });
    await learner.fit(2, 1e-2);
    const small = await smallLearner({ model: norm(), batches: 6, batchSize: 2 });
    await small.fit(2, 1e-2, { callbacks: [new GradientAccumulation({ batches: 2 })] });
    await expectSame(learner, small);
    expect(await learner.engine.optimizerState()).toEqual(await small.engine.optimizerState());
    expect((await learner.engine.optimizerState()).step).toBe(6);
    expect(splits.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "out of memory with 4 pictures at once: batches are computed 2 pictures at a time from now on and their gradients gathered, so that a step still takes the whole batch; batch norms see only a part of it",
      ]
    `);
  });

  test.each(["loads", "runs"])("is halved again, down to one picture, where its program %s", async (when) => {
    const lacks = ({ trains, pictures, loads }: Asked): boolean =>
      trains && pictures > 1 && loads === (when === "loads");
    const { learner, splits } = await scarce(lacks, { batches: 2, batchSize: 7 });
    await learner.fit(1, 1e-2);
    expect(splits.map(({ before, pictures }) => [before, pictures])).toEqual([
      [7, 4],
      [4, 2],
      [2, 1],
    ]);
    const single = await smallLearner({ model: norm(), batches: 14, batchSize: 1 });
    await single.fit(1, 1e-2, { callbacks: [new GradientAccumulation({ batches: 7 })] });
    await expectSame(learner, single);
  });

  test("keeps the parts that were done before memory ran out", async () => {
    let runs = 0;
    // The first batch fits in two parts; of the second one, only the first part does.
    const lacks = ({ trains, loads, pictures }: Asked): boolean =>
      trains && !loads && (pictures > 4 || (++runs >= 4 && pictures > 2));
    const numbers = Array.from({ length: 16 }, (_, i) => i);
    const train = loaderOf([numbers.slice(0, 8), numbers.slice(8)]);
    const { learner, splits } = await scarce(lacks, { train });
    await learner.fit(1, 1e-2);
    expect(splits.map(({ before, pictures }) => [before, pictures])).toEqual([
      [8, 4],
      [4, 2],
    ]);
    const cut = [numbers.slice(0, 4), numbers.slice(4, 8), numbers.slice(8, 12), [12, 13], [14, 15]];
    const expected = await smallLearner({ model: norm(), train: loaderOf(cut) });
    const [begins, goesOn, ends] = [
      [true, false],
      [false, false],
      [false, true],
    ] as const;
    const pixels = 48;
    const callback = gathering([
      [4 * pixels, ...begins],
      [4 * pixels, ...ends],
      [4 * pixels, ...begins],
      [2 * pixels, ...goesOn],
      [2 * pixels, ...ends],
    ]);
    await expected.fit(1, 1e-2, { callbacks: [callback] });
    await expectSame(learner, expected);
  });

  test("gathers on where gradients are gathered anyway, and clips the whole", async () => {
    const { learner } = await scarce(trainsAbove(2), { batches: 4, batchSize: 4 });
    const clipping = new GradientClipping({ norm: 0.05 });
    await learner.fit(1, 1e-2, { callbacks: [new GradientAccumulation({ batches: 2 }), clipping] });
    const small = await smallLearner({ model: norm(), batches: 8, batchSize: 2 });
    await small.fit(1, 1e-2, { callbacks: [new GradientAccumulation({ batches: 4 }), clipping] });
    await expectSame(learner, small);
  });

  const counts = { weight: [1, 0.25, 3], ignoreIndex: 1 };
  test.each([
    ["plain", crossEntropy(), []],
    ["with class weights and a class that does not count", crossEntropy(counts), []],
    ["inside a sum", sumLoss([[2, crossEntropy(counts)]]), []],
    ["with mixup", crossEntropy(), [new Mixup({ alpha: 0.4 })]],
  ])(
    "trains as a whole one where no batch norm mixes its pictures, to rounding: loss %s",
    async (_, loss, callbacks) => {
      const ignored = (batch: Batch): Batch => {
        // Pictures with more and with fewer pixels that count; mixed ones all count alike.
        if (callbacks.length > 0) return batch;
        batch.masks.fill(1, 0, 30);
        batch.masks.fill(-1, 150, 170);
        return batch;
      };
      const train = loaderOf(
        [
          [0, 1, 2, 3, 4],
          [5, 6, 7, 8, 9],
        ],
        ignored,
      );
      const options: SmallOptions = { model: new SmallModel(), loss, train, optimizer: { name: "sgd" } };
      const whole = await smallLearner(options);
      const { learner, splits } = await scarce(trainsAbove(3), options);
      for (const each of [whole, learner]) await each.fit(3, 0.1, { callbacks });
      expect(splits).toHaveLength(1);
      const [a, b] = [await numbersOf(learner), await numbersOf(whole)];
      for (const name of Object.keys(b)) expectClose(name, a[name]!, b[name]!, 1e-5);
      expect(learner.recorder.losses.at(-1)).toBeCloseTo(whole.recorder.losses.at(-1)!, 5);
    },
  );

  test("is an error with a remedy where not even one picture fits", async () => {
    const { learner, splits } = await scarce(({ trains }) => trains, { batchSize: 2 });
    const error = await learner.fit(1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceError);
    expect(error).toMatchObject({ exitCode: 4, message: "out of memory: another 302 MB were needed" });
    expect((error as ResourceError).hint).toMatchInlineSnapshot(
      `"Use smaller pictures or a smaller encoder, or give memory back that other programs hold."`,
    );
    expect(splits.map(({ pictures }) => pictures)).toEqual([1]);
  });

  test("leaves other errors alone", async () => {
    const { learner, splits } = await scarce(() => {
      throw new TypeError("no such operator");
    });
    await expect(learner.fit(1)).rejects.toThrow("no such operator");
    expect(splits).toEqual([]);
  });
});

test("an update that is out of memory is not done again: it would be taken twice in part", async () => {
  const learner = await smallLearner();
  const { images, masks } = smallBatch([0, 1]);
  const name = await learner.program("train", () =>
    trainingProgram(
      learner.model,
      crossEntropy(),
      { n: 2, height: 6, width: 8 },
      { trainable: ["head.weight"] },
      cpuTarget,
    ),
  );
  const hypers = {
    get "head.weight"(): never {
      throw new RangeError("Array buffer allocation failed");
    },
  };
  const failed = learner.engine.step(name, { images, masks }, { mom: 0.9, hypers });
  await expect(failed).rejects.toBeInstanceOf(ResourceError);
});

test("memory that other programs hold is given back before a batch is split", async () => {
  // A training and a validation program do not fit side by side.
  const { learner, splits } = await scarce(({ held, loads }) => !loads && held > 4, { batchSize: 4 });
  await learner.fit(2, 1e-2);
  const plain = await smallLearner({ model: norm(), batchSize: 4 });
  await plain.fit(2, 1e-2);
  expect(splits).toEqual([]);
  await expectSame(learner, plain);
  expect(learner.recorder.valLosses).toEqual(plain.recorder.valLosses);
});

test("validation goes on in parts, and measures the same", async () => {
  const { learner, splits } = await scarce(({ trains, pictures }) => !trains && pictures > 1);
  const plain = await smallLearner({ model: norm() });
  const [found, expected] = [await learner.validate(), await plain.validate()];
  expect(found.confusion.counts).toEqual(expected.confusion.counts);
  expect(found.metrics).toEqual(expected.metrics);
  expect(found.loss).toBeCloseTo(expected.loss, 6);
  expect(splits.map(({ message }) => message)).toMatchInlineSnapshot(`
    [
      "out of memory with 2 pictures at once: validation goes on 1 picture at a time",
    ]
  `);
  const tta = await learner.validate({ tta: {} });
  expect(tta.metrics).toEqual((await plain.validate({ tta: {} })).metrics);
});

test("a search for a learning rate leaves the parts as they have become", async () => {
  const { learner, splits } = await scarce(trainsAbove(2), { batchSize: 4 });
  await learner.lrFind({ numIt: 3 });
  await learner.fit(1, 1e-2);
  expect(splits).toHaveLength(1);
});

test("a run that goes on computes the same parts, however much memory there is now", async () => {
  const options = { batches: 3, batchSize: 4 };
  const { learner: whole } = await scarce(trainsAbove(2), options);
  await whole.fit(2, 1e-2);
  const { learner: first } = await scarce(trainsAbove(2), options);
  const controller = new AbortController();
  const interrupt: Callback = {
    batchEnd({ epoch, batch }) {
      if (epoch === 0 && batch === 1) controller.abort(new Error("interrupted"));
    },
  };
  const broken = first.fit(2, 1e-2, { callbacks: [interrupt], signal: controller.signal });
  await expect(broken).rejects.toThrow("interrupted");
  const stored = { phase: 0, earlier: [], data: "", seed: 0, ...(await first.checkpoint()) };
  const { position, weights, optimizer } = decodeCheckpoint(Buffer.concat(encodeCheckpoint(stored)));
  expect(position.parts).toEqual({ training: 2 });
  const second = await smallLearner({ model: norm(), ...options, weights });
  await second.engine.setOptimizerState(optimizer);
  await second.fit(2, 1e-2, { from: position });
  await expectSame(second, whole);
});
