import { describe, expect, test } from "vitest";
import { type LossName, losses } from "../../src/losses/index.ts";
import { parseLoss } from "../../src/losses/parse-loss.ts";
import { accCamvid } from "../../src/metrics/accuracy.ts";
import { metrics } from "../../src/metrics/index.ts";
import { topKAccuracy } from "../../src/metrics/logits.ts";
import type { MaskMetric, Metric } from "../../src/metrics/metric.ts";
import { smallLearner } from "../support/small-learner.ts";

describe.each([...(Object.keys(losses) as LossName[]), "crossEntropy+0.5*dice"])("training on %s", (text) => {
  test("lowers it and finds the classes", async () => {
    const learner = await smallLearner({ loss: parseLoss(text), metrics: [accCamvid] });
    const before = await learner.validate();
    await learner.fitOneCycle(15, 5e-2);
    const after = await learner.validate();
    expect(after.loss).toBeLessThan(before.loss);
    expect(before.metrics.acc_camvid).toBeLessThan(0.6);
    expect(after.metrics.acc_camvid).toBeGreaterThan(0.7);
  });

  test("with a class ignored, still tells the others apart", async () => {
    const loss = parseLoss(text, { ignoreIndex: 1, weight: [1, 1, 2] });
    const learner = await smallLearner({ loss, metrics: [accCamvid] });
    await learner.fitOneCycle(15, 5e-2);
    const { confusion } = await learner.validate();
    expect(confusion.at(0, 0)).toBeGreaterThan(confusion.at(0, 2));
    expect(confusion.at(2, 2)).toBeGreaterThan(confusion.at(2, 0));
  });
});

test("a validation measures by counts, by masks and by logits alike", async () => {
  const learner = await smallLearner({ metrics: Object.values<Metric>(metrics) });
  await learner.fitOneCycle(2, 2e-2);
  const { loss, metrics: values, confusion } = await learner.validate();
  expect(Object.keys(values)).toEqual(Object.values<Metric>(metrics).map(({ title }) => title));
  for (const [title, value] of Object.entries(values)) expect(Number.isFinite(value), title).toBe(true);
  // Every pixel has a class and all batches are alike, so the loss is the mean over the pixels.
  expect(values.perplexity).toBeCloseTo(Math.exp(loss), 4);
  expect(values.pixel_accuracy).toBeCloseTo(metrics.pixelAccuracy.compute(confusion, { voidIndex: null }), 12);
  expect(values.top_5_accuracy).toBe(1);
});

test("metrics of one validation do not disturb those of another", async () => {
  const learner = await smallLearner({ metrics: [topKAccuracy(1)] });
  const first = await learner.validate();
  const other = await learner.validate({ metrics: [topKAccuracy(2), metrics.perplexity, accCamvid] });
  expect(first.metrics.top_1_accuracy).toBeCloseTo(other.metrics.acc_camvid!, 6);
  expect(other.metrics.top_2_accuracy).toBeGreaterThan(other.metrics.acc_camvid!);
  expect((await learner.validate()).metrics).toEqual(first.metrics);
});

test("a metric of one's own sees the masks batch by batch", async () => {
  const seen: number[][] = [];
  const watching: MaskMetric = {
    title: "pictures",
    better: "higher",
    accumulate: ({ classes, voidIndex }) => {
      expect([classes, voidIndex]).toEqual([3, null]);
      let pictures = 0;
      return {
        add: ({ n, height, width, predictions, truth }) => {
          seen.push([n, height, width, predictions.length, truth.length]);
          pictures += n;
        },
        value: () => pictures,
      };
    },
  };
  const learner = await smallLearner({ metrics: [watching] });
  expect((await learner.validate()).metrics).toEqual({ pictures: 4 });
  expect(seen).toEqual([
    [2, 6, 8, 96, 96],
    [2, 6, 8, 96, 96],
  ]);
});
