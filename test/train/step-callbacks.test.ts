import { describe, expect, test } from "vitest";
import { relu } from "../../src/graph/ops/activation.ts";
import { add, neg, sqrt, square } from "../../src/graph/ops/elementwise.ts";
import { mean } from "../../src/graph/ops/reduce.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import type { Loss } from "../../src/losses/loss.ts";
import type { Callback, FitState, TrainingStep } from "../../src/train/callback.ts";
import { BnFreeze } from "../../src/train/callbacks/bn-freeze.ts";
import { CutMix } from "../../src/train/callbacks/cutmix.ts";
import { GradientAccumulation } from "../../src/train/callbacks/gradient-accumulation.ts";
import { GradientClipping } from "../../src/train/callbacks/gradient-clipping.ts";
import { Mixup } from "../../src/train/callbacks/mixup.ts";
import { TerminateOnNaN } from "../../src/train/callbacks/terminate-on-nan.ts";
import { WeightAverage } from "../../src/train/callbacks/weight-average.ts";
import type { Learner } from "../../src/train/learner.ts";
import { numbersOf, smallBatch, SmallModel, smallLearner } from "../support/small-learner.ts";

/** The largest difference between two learners' weights. */
async function distance(a: Learner, b: Learner): Promise<number> {
  const [left, right] = [await numbersOf(a), await numbersOf(b)];
  return Math.max(...Object.keys(left).flatMap((name) => left[name]!.map((x, i) => Math.abs(x - right[name]![i]!))));
}

describe("gradient accumulation", () => {
  const sgd = { optimizer: { name: "sgd" } } as const;
  // One gradient of a batch of 6, against three of 2; a class that does not count makes the batches count unequally.
  test.each([
    ["of all pixels", {}],
    ["of a class that does not count", { ignoreIndex: 1 }],
    ["of weighted classes", { weight: [1, 5, 0.1] }],
  ])("has the gradient of the large batch: %s", async (_, lossOptions) => {
    const loss = crossEntropy(lossOptions);
    const [large, small] = [
      await smallLearner({ ...sgd, loss, batches: 2, batchSize: 6 }),
      await smallLearner({ ...sgd, loss, batches: 6, batchSize: 2 }),
    ];
    const start = await smallLearner({ ...sgd, loss });
    await large.fit(1, 0.1);
    await small.fit(1, 0.1, { callbacks: [new GradientAccumulation({ ...lossOptions, batches: 3 })] });
    expect((await small.engine.optimizerState()).step).toBe(2);
    expect(await distance(large, start)).toBeGreaterThan(1e-2);
    expect(await distance(large, small)).toBeLessThan(1e-6);
  });

  test("unequal counts need the weighting: without it the gradients differ", async () => {
    const loss = crossEntropy({ ignoreIndex: 1 });
    const large = await smallLearner({ ...sgd, loss, batches: 2, batchSize: 6 });
    const small = await smallLearner({ ...sgd, loss, batches: 6, batchSize: 2 });
    await large.fit(1, 0.1);
    await small.fit(1, 0.1, { callbacks: [new GradientAccumulation({ batches: 3 })] });
    expect(await distance(large, small)).toBeGreaterThan(1e-6);
  });

  test("the last step of an epoch takes the batches that are left", async () => {
    const learner = await smallLearner({ batches: 5, callbacks: [new GradientAccumulation({ batches: 2 })] });
    await learner.fit(2, 1e-3);
    expect((await learner.engine.optimizerState()).step).toBe(6);
    expect(await learner.engine.optimizerState()).not.toHaveProperty("gathered");
  });
});

describe("gradient clipping", () => {
  test("by the norm of all parameters together, as clip_grad_norm_", async () => {
    const options = { optimizer: { name: "sgd" }, wd: 0, batches: 1 } as const;
    const [start, free, clipped] = [
      await smallLearner(options),
      await smallLearner(options),
      await smallLearner(options),
    ];
    await free.fit(1, 1);
    await clipped.fit(1, 1, { callbacks: [new GradientClipping({ norm: 0.01 })] });
    const before = await numbersOf(start);
    const moved = async (learner: Learner): Promise<number[]> =>
      Object.entries(await numbersOf(learner)).flatMap(([name, xs]) => xs.map((x, i) => x - before[name]![i]!));
    const length = (values: number[]): number => Math.hypot(...values);
    const [whole, short] = [await moved(free), await moved(clipped)];
    expect(length(short)).toBeCloseTo(0.01, 5);
    const scale = 0.01 / length(whole);
    for (const [i, value] of short.entries()) expect(value).toBeCloseTo(whole[i]! * scale, 6);
  });

  test("leaves shorter ones as they are", async () => {
    const [free, clipped] = [
      await smallLearner(),
      await smallLearner({ callbacks: [new GradientClipping({ norm: 1e3 })] }),
    ];
    for (const learner of [free, clipped]) await learner.fit(1, 1e-2);
    expect(await numbersOf(clipped)).toEqual(await numbersOf(free));
  });
});

describe("a gradient or a loss that is no number", () => {
  /** A finite loss: its second part is the root of 0, whose gradient is 0·∞. */
  const steep: Loss = (logits, target) => add(crossEntropy()(logits, target), mean(sqrt(relu(neg(square(logits))))));

  test("a step whose gradient is not finite is left out and counted", async () => {
    let skipped = 0;
    const count: Callback = { fitEnd: ({ skippedSteps }) => void (skipped = skippedSteps) };
    const learner = await smallLearner({ loss: steep, callbacks: [count] });
    const before = await numbersOf(learner);
    await learner.fit(1, 1e-3, { callbacks: [new GradientClipping({ norm: 1 })] });
    expect(skipped).toBe(4);
    expect(await numbersOf(learner)).toEqual(before);
    expect((await learner.engine.optimizerState()).step).toBe(0);
    await learner.fit(1, 1e-3, { callbacks: [new TerminateOnNaN()] });
    expect(await numbersOf(learner)).toEqual(before);
    // Without either, what of it is not finite counts as 0.
    await learner.fit(1, 1e-3, { callbacks: [new WeightAverage()] });
    expect(skipped).toBe(4);
    expect((await learner.engine.optimizerState()).step).toBe(4);
    expect(
      Object.values(await numbersOf(learner))
        .flat()
        .every(Number.isFinite),
    ).toBe(true);
  });

  test("no finite gradient for fifty steps ends the fit", async () => {
    const learner = await smallLearner({ loss: steep });
    await expect(learner.fit(13, 1e-3)).rejects.toThrow(
      "train: no gradient of many steps was finite at learning rate 1.0e-3",
    );
  });

  test("TerminateOnNaN ends the fit without an error, without validation, with the last finite weights", async () => {
    const learner = await smallLearner({ callbacks: [new TerminateOnNaN()] });
    const reference = await smallLearner();
    const poison: Callback = {
      batchStart: ({ epoch, batch }, step) => void (epoch === 1 && batch === 2 && (step.batch.images[0] = NaN)),
    };
    const events: string[] = [];
    const watch: Callback = {
      validationStart: () => void events.push("validation"),
      fitEnd: (_, error) => void events.push(String(error)),
      batchEnd: () => void events.push("batch"),
    };
    await learner.fit(3, 1e-3, { callbacks: [poison, watch] });
    expect(events).toEqual([..."batch batch batch batch validation batch batch undefined".split(" ")]);
    const stop: Callback = { batchEnd: (state) => void (state.epoch === 1 && state.batch === 1 && state.stop()) };
    await reference.fit(3, 1e-3, { callbacks: [stop] });
    expect(await numbersOf(learner)).toEqual(await numbersOf(reference));
    expect(learner.recorder.losses).toHaveLength(6);
  });
});

describe("weight average", () => {
  test("is the moving average of the weights, validates with it, trains without it", async () => {
    const decay = 0.5;
    const history: Record<string, number[]>[] = [];
    const averaged = await smallLearner();
    const plain = await smallLearner();
    const during: Record<string, number[]>[] = [];
    const spy: Callback = {
      batchEnd: async () =>
        void history.push(
          Object.fromEntries([...(await averaged.engine.state())].map(([n, { data }]) => [n, [...data]])),
        ),
      epochEnd: async () => void during.push(await numbersOf(averaged)),
    };
    await averaged.fit(2, 1e-2, { callbacks: [new WeightAverage({ decay, warmUp: false }), spy] });
    await plain.fit(2, 1e-2);
    expect(history.at(-1)).toEqual(await numbersOf(plain));
    let expected = history[0]!;
    for (const [i, weights] of history.entries()) {
      const mix = (name: string): number[] =>
        weights[name]!.map((w, k) => decay * expected[name]![k]! + (1 - decay) * w);
      if (i > 0) expected = Object.fromEntries(Object.keys(weights).map((name) => [name, mix(name)]));
      if (i % 4 === 3)
        for (const [name, values] of Object.entries(expected))
          for (const [k, value] of values.entries()) expect(during[(i - 3) / 4]![name]![k]).toBeCloseTo(value, 5);
    }
    // At the end the learner has the averages, and what was validated was they.
    expect(await numbersOf(averaged)).toEqual(during[1]);
    expect((await averaged.validate()).loss).toBe(averaged.recorder.valLosses[1]);
    expect(averaged.recorder.valLosses[1]).not.toBe(plain.recorder.valLosses[1]);
  });

  test("warms up, and an interrupted fit keeps the weights themselves", async () => {
    const decays: (number | undefined)[] = [];
    const watch: Callback = { order: 1, batchStart: (_, { average }) => void decays.push(average) };
    const learner = await smallLearner({ batches: 3, callbacks: [new WeightAverage({ decay: 0.2 }), watch] });
    await learner.fit(1, 1e-2);
    expect(decays).toEqual([0.1, 2 / 11, 0.2]);
    const [fails, plain] = [await smallLearner({ callbacks: [new WeightAverage()] }), await smallLearner()];
    const fail: Callback = {
      epochEnd: () => {
        throw new Error("enough");
      },
    };
    await expect(fails.fit(2, 1e-2, { callbacks: [fail] })).rejects.toThrow("enough");
    await plain.fit(1, 1e-2);
    expect(await numbersOf(fails)).toEqual(await numbersOf(plain));
  });
});

describe("input transforms", () => {
  const pixels = 6 * 8;
  const fitState = (pass: number, batch: number) => ({ pass, batch }) as FitState;
  const stepOn = (numbers: readonly number[]): TrainingStep => ({ batch: smallBatch(numbers) }) as TrainingStep;
  const after = (callback: Callback, pass: number, batch: number): TrainingStep => {
    const step = stepOn([0, 1, 2, 3]);
    void callback.batchStart!(fitState(pass, batch), step);
    return step;
  };

  test.each([
    ["mixup", (seed: number) => new Mixup({ seed })],
    ["cutmix", (seed: number) => new CutMix({ seed })],
  ])("%s depends on seed, epoch and batch alone", (_, make) => {
    const images = (seed: number, pass: number, batch: number) => [...after(make(seed), pass, batch).batch.images];
    expect(images(1, 2, 3)).toEqual(images(1, 2, 3));
    for (const other of [images(2, 2, 3), images(1, 3, 3), images(1, 2, 4)]) expect(other).not.toEqual(images(1, 2, 3));
  });

  test("mixup blends pictures, and the loss those of both masks", async () => {
    const plain = smallBatch([0, 1, 2, 3]);
    const { batch, mixed } = after(new Mixup({ alpha: 1 }), 0, 0);
    const { masks, share } = mixed!;
    expect(share).toBeGreaterThanOrEqual(0.5);
    expect(share).toBeLessThan(1);
    expect(batch.masks).toEqual(plain.masks);
    for (let i = 0; i < 4; i++) {
      const mask = masks.slice(i * pixels, (i + 1) * pixels);
      const other = [0, 1, 2, 3].find((k) => mask.every((id, p) => id === plain.masks[k * pixels + p]))!;
      for (let p = 0; p < 3 * pixels; p += 7)
        expect(batch.images[i * 3 * pixels + p]).toBeCloseTo(
          share * plain.images[i * 3 * pixels + p]! + (1 - share) * plain.images[other * 3 * pixels + p]!,
          5,
        );
    }

    const losses = async (callback: Callback): Promise<number> => {
      let seen = NaN;
      const watch: Callback = { batchEnd: ({ loss }) => void (seen = loss) };
      const learner = await smallLearner({ batches: 1, batchSize: 4 });
      await learner.fit(1, 1e-3, { callbacks: [callback, watch] });
      return seen;
    };
    const one = plain.masks.slice(2 * pixels);
    const other = plain.masks.slice(0, 2 * pixels);
    const [a, b] = [Int32Array.of(...one, ...one), Int32Array.of(...other, ...other)];
    const put = (first: Int32Array, mixed: TrainingStep["mixed"]): Callback => ({
      batchStart: (_, step) => void ((step.batch = { ...step.batch, masks: first.slice() }), (step.mixed = mixed)),
    });
    const both = await losses(put(a, { masks: b.slice(), share: 0.75 }));
    expect(both).toBeCloseTo(0.75 * (await losses(put(a, undefined))) + 0.25 * (await losses(put(b, undefined))), 5);
  });

  test("cutmix copies one rectangle of pictures and masks alike", () => {
    const plain = smallBatch([0, 1, 2, 3]);
    let moved = 0;
    for (let batchNumber = 0; batchNumber < 10; batchNumber++) {
      const { batch } = after(new CutMix(), 0, batchNumber);
      for (let i = 0; i < 4; i++) {
        // Noise tells the pictures apart: each pixel is the same picture's in all channels and in the mask.
        const source = Array.from({ length: pixels }, (_, p) => {
          const value = batch.images[i * 3 * pixels + p];
          const from = [0, 1, 2, 3].find((k) => plain.images[k * 3 * pixels + p] === value)!;
          for (const c of [1, 2])
            expect(batch.images[(i * 3 + c) * pixels + p]).toBe(plain.images[(from * 3 + c) * pixels + p]);
          expect(batch.masks[i * pixels + p]).toBe(plain.masks[from * pixels + p]);
          return from;
        });
        const foreign = source.flatMap((from, p) => (from === i ? [] : [p]));
        if (foreign.length === 0) continue;
        moved++;
        expect(new Set(foreign.map((p) => source[p])).size).toBe(1);
        const [ys, xs] = [foreign.map((p) => Math.floor(p / 8)), foreign.map((p) => p % 8)];
        const area = (Math.max(...ys) - Math.min(...ys) + 1) * (Math.max(...xs) - Math.min(...xs) + 1);
        expect(foreign.length).toBe(area);
      }
    }
    expect(moved).toBeGreaterThan(5);
  });

  test("cutmix happens with its probability", () => {
    const plain = [...smallBatch([0, 1, 2, 3]).images];
    expect([...after(new CutMix({ p: 0 }), 0, 0).batch.images]).toEqual(plain);
  });
});

test("BnFreeze keeps the statistics of batch norms that do not train, and only of those", async () => {
  const statistics = ["encoder.norm.running_mean", "encoder.norm.running_var"];
  const after = async (trainBn: boolean, callbacks: readonly Callback[]) => {
    const learner = await smallLearner({ model: new SmallModel({ norm: true }), trainBn, callbacks });
    await learner.freeze();
    await learner.fit(1, 1e-2);
    const numbers = await numbersOf(learner);
    return statistics.map((name) => numbers[name]);
  };
  const untouched = [Array<number>(6).fill(0), Array<number>(6).fill(1)];
  expect(await after(false, [new BnFreeze()])).toEqual(untouched);
  expect(await after(false, [])).not.toEqual(untouched);
  expect(await after(true, [new BnFreeze()])).not.toEqual(untouched);
});

test.each([
  [() => new GradientClipping({ norm: 0 }), "GradientClipping: expected norm to be a number above 0, but received 0"],
  [
    () => new GradientAccumulation({ batches: 0.5 }),
    "GradientAccumulation: expected batches to be a whole number of at least 1, but received 0.5",
  ],
  [() => new WeightAverage({ decay: 1 }), "WeightAverage: expected decay to be a number in [0, 1), but received 1"],
  [() => new Mixup({ alpha: 0 }), "Mixup: expected alpha to be a number above 0, but received 0"],
  [() => new CutMix({ p: 2 }), "CutMix: expected p to be a number in [0, 1], but received 2"],
])("wrong options %#", (make, message) => {
  expect(make).toThrow(message);
});
