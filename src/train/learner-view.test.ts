import { afterAll, beforeAll, expect, test } from "vitest";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { ToyLoader } from "../../test/support/toy-learner.ts";
import { scene } from "../../test/support/dataset.ts";
import type { Batch } from "../data/batch.ts";
import type { DataBunch } from "../data/databunch.ts";
import { distinctColours } from "../data/palette.ts";
import { unitStats } from "../data/transforms/normalize.ts";
import { EpochScore } from "../metrics/epoch-score.ts";
import { metrics } from "../metrics/index.ts";
import { unet } from "../models/unet/unet.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { Random } from "../util/random.ts";
import { LocalEngine } from "./engine.ts";
import { Learner } from "./learner.ts";
import { MemoryHost } from "./memory-host.ts";

const [height, width] = [16, 24];
const classes = ["sky", "road", "car"];

function batchOf(seed: number, n = 2): Batch {
  const random = new Random(seed);
  const scenes = Array.from({ length: n }, (_, i) => scene(height, width, classes.length, random.split(i)));
  const planes = ({ data }: { data: Uint8Array }): number[] =>
    [0, 1, 2].flatMap((c) => Array.from({ length: height * width }, (_, p) => data[3 * p + c]! / 255));
  return {
    ...{ n, height, width, ids: scenes.map((_, i) => `${seed}-${i}`) },
    images: Float32Array.from(scenes.flatMap(({ image }) => planes(image))),
    masks: Int32Array.from(scenes.flatMap(({ mask }) => [...mask.data])),
  };
}

const host = new MemoryHost();
let learner: Learner;

beforeAll(async () => {
  const [train, valid] = [
    new ToyLoader([1, 2, 3].map((seed) => batchOf(seed))),
    new ToyLoader([batchOf(4), batchOf(5, 1)]),
  ];
  const common = {
    classes,
    voidIndex: null,
    palette: distinctColours(3),
    size: [height, width],
    stats: unitStats,
  } as const;
  const data: DataBunch = { ...common, train, valid, close: async () => {} };
  const engine = new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 }));
  const model = unet({ encoder: new TinyEncoder(), classes: 3 });
  learner = await Learner.create(data, model, engine, {
    host,
    metrics: [metrics.pixelAccuracy, metrics.meanIou],
    seed: 1,
  });
});
afterAll(() => learner.close());

test("before training there is nothing to plot, and that is said", async () => {
  await expect(learner.recorder.plotLosses()).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plotLosses: no loss is recorded]`,
  );
  await expect(learner.recorder.plotLr()).rejects.toMatchObject({ name: "ConfigError" });
  await expect(learner.recorder.plotMetrics()).rejects.toMatchObject({ name: "ConfigError" });
});

test("a fit is recorded for its plots", async () => {
  await learner.fitOneCycle(2, 3e-3);
  const dots = (svg: string): number => [...svg.matchAll(/aria-roledescription="point"/g)].length;
  expect(dots(await learner.recorder.plotLosses("plots/losses.svg"))).toBe(2);
  expect(host.files.has("plots/losses.svg")).toBe(true);
  expect(await learner.recorder.plotLr(undefined, { showMoms: true })).toContain("Momentum");
  expect(dots(await learner.recorder.plotMetrics())).toBe(4);
});

test("streamed predictions are what validation measures", async () => {
  const score = new EpochScore(learner.metrics, { classes: 3, voidIndex: null });
  let [loss, pictures] = [0, 0];
  for await (const batch of learner.getPreds({ withLoss: true })) {
    score.add({ ...batch, truth: batch.truth! });
    for (const each of batch.losses!) loss += each;
    pictures += batch.n;
  }
  const validation = await learner.validate();
  expect(score.values()).toEqual(validation.metrics);
  expect(loss / pictures).toBeCloseTo(validation.loss, 5);
  const { confusion, pictures: scored } = await learner.interpret();
  expect(confusion.counts).toEqual(validation.confusion.counts);
  expect(scored.map(({ id }) => id)).toEqual(["4-0", "4-1", "5-0"]);
});

test("augmented predictions can be measured too, and validation says the same of them", async () => {
  const options = { scales: [1, 1.5], beta: 0.3 };
  const score = new EpochScore(learner.metrics, { classes: 3, voidIndex: null });
  for await (const batch of learner.tta(options)) score.add({ ...batch, truth: batch.truth! });
  const validation = await learner.validate({ tta: options });
  expect(score.values()).toEqual(validation.metrics);
  const plain = await learner.validate();
  expect(validation.loss).not.toBeCloseTo(plain.loss, 6);
  // Training goes on with its own programs.
  await learner.fit(1, 1e-4);
});

test("a picture is predicted at its own size or the network's, with probabilities if wanted", async () => {
  const { image } = scene(20, 37, 3, new Random(9));
  const own = await learner.predict(image);
  expect(Object.keys(own).toSorted()).toEqual(["data", "height", "width"]);
  expect(own).toMatchObject({ height: 20, width: 37 });
  const { probabilities, ...seen } = await learner.predict(image, { size: "transformed", withProbabilities: true });
  expect(seen).toMatchObject({ height, width });
  expect(probabilities).toHaveLength(3 * height * width);
  for (const p of [0, 100, 383]) {
    const shares = [0, 1, 2].map((c) => probabilities![c * height * width + p]!);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(shares.indexOf(Math.max(...shares))).toBe(seen.data[p]);
  }
  expect((await learner.predict(image, { tta: {} })).data).toHaveLength(20 * 37);
});

test("results are drawn and the summary knows what is frozen", async () => {
  expect(await learner.showResults({ rows: 2, out: "results.svg" })).toContain("Ground truth");
  expect(host.files.has("results.svg")).toBe(true);
  expect(learner.summary()).toContain("Total non-trainable params: 0");
  await learner.freeze();
  expect(learner.summary()).toMatch(/Total non-trainable params: [1-9]/);
  expect(learner.summary()).toContain("Layer groups: 2, those from 1 on train");
});
