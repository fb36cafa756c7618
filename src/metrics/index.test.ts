import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SegkitError } from "../util/errors.ts";
import { foregroundAcc } from "./accuracy.ts";
import { boundaryIou } from "./boundary-iou.ts";
import { ConfusionMatrix } from "./confusion-matrix.ts";
import { EpochScore } from "./epoch-score.ts";
import { metricNamed, metrics, resolveMetric } from "./index.ts";
import { topKAccuracy } from "./logits.ts";
import type { ConfusionMetric } from "./metric.ts";
import { diceOf, iouOf, perClassDice, perClassIou } from "./overlap.ts";
import { fBeta, precision } from "./precision-recall.ts";

interface Golden {
  target: number[][][][];
  metrics: {
    void_code: number;
    acc_camvid: number;
    foreground_acc: number;
    argmax: number[][][];
    pixel_accuracy_all: number;
  };
  dice: {
    target: number[][][][];
    argmax: number[][][];
    dice: number;
    iou: number;
    per_image_dice: number[];
    per_image_iou: number[];
  };
  average_metric: { batch_values: number[]; result: number };
  segmentation_interpretation: { single_img_cm: (number | "NaN")[][][] };
}
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/loss_metrics.json", import.meta.url), "utf8"),
) as Golden;

describe("against fastai", () => {
  test("accuracy with and without void", () => {
    const { void_code: voidIndex, argmax, ...expected } = golden.metrics;
    const matrix = count(4, argmax.flat(2), golden.target.flat(3));
    expect(metrics.accCamvid.compute(matrix, { voidIndex })).toBeCloseTo(expected.acc_camvid, 6);
    expect(foregroundAcc(voidIndex).compute(matrix, { voidIndex: null })).toBeCloseTo(expected.foreground_acc, 6);
    expect(metrics.errorRate.compute(matrix, { voidIndex })).toBeCloseTo(1 - expected.acc_camvid, 6);
    expect(metrics.pixelAccuracy.compute(matrix, { voidIndex })).toBeCloseTo(expected.pixel_accuracy_all, 6);
  });

  test("IoU and Dice of the foreground, image by image; fastai calls an empty image 1", () => {
    const { argmax, target, per_image_dice, per_image_iou } = golden.dice;
    const matrices = argmax.map((image, i) => count(2, image.flat(), target[i]!.flat(2)));
    for (const [i, matrix] of matrices.entries()) {
      expect(perClassIou(matrix, null)[1] ?? 1).toBeCloseTo(per_image_iou[i]!, 6);
      expect(perClassDice(matrix, null)[1] ?? 1).toBeCloseTo(per_image_dice[i]!, 6);
    }
  });

  test("dice and iou of a batch, picture by picture", () => {
    const { argmax, target, dice, iou } = golden.dice;
    const [n, height, width] = [argmax.length, argmax[0]!.length, argmax[0]![0]!.length];
    const score = new EpochScore([metrics.diceBinary, metrics.iouBinary], { classes: 2, voidIndex: null });
    const [predictions, truth] = [Uint8Array.from(argmax.flat(2)), Int32Array.from(target.flat(3))];
    score.add({ predictions, truth, n, height, width });
    expect(score.values().dice).toBeCloseTo(dice, 6);
    expect(score.values().iou).toBeCloseTo(iou, 6);
  });

  test("pixels are averaged over the epoch, where fastai averages batches", () => {
    const { void_code: voidIndex, argmax, acc_camvid } = golden.metrics;
    const { batch_values, result } = golden.average_metric;
    const [pictures, truth] = [argmax.map((image) => image.flat()), golden.target.map((image) => image.flat(2))];
    const score = new EpochScore([metrics.accCamvid], { classes: 4, voidIndex });
    const add = (list: readonly number[]): void =>
      score.add({
        predictions: Uint8Array.from(list.flatMap((i) => pictures[i]!)),
        truth: Int32Array.from(list.flatMap((i) => truth[i]!)),
        ...{ n: list.length, height: 2, width: 3 },
      });
    add([0, 1]);
    expect(score.values().acc_camvid).toBeCloseTo(acc_camvid, 6);
    add([0]);
    // 11 pixels of the first batch count and 6 of the second; fastai weighs them by 2 and 1 pictures.
    expect(score.values().acc_camvid).toBeCloseTo((11 * batch_values[0]! + 6 * batch_values[1]!) / 17, 6);
    expect(score.values().acc_camvid).not.toBeCloseTo(result, 4);
  });

  test("rows are the truth, columns the prediction", () => {
    for (const [i, shares] of golden.segmentation_interpretation.single_img_cm.entries()) {
      const matrix = count(4, golden.metrics.argmax[i]!.flat(), golden.target[i]!.flat(2));
      for (const [truth, row] of shares.entries()) {
        const total = row.reduce<number>((sum, _, predicted) => sum + matrix.at(truth, predicted), 0);
        for (const [predicted, share] of row.entries())
          if (share === "NaN") expect(total).toBe(0);
          else expect(matrix.at(truth, predicted) / total).toBeCloseTo(share, 6);
      }
    }
  });
});

// Truth down, prediction across; class 2 is void, class 3 is nowhere.
const matrix = fromRows([
  [6, 2, 0, 0],
  [1, 3, 1, 0],
  [5, 4, 9, 0],
  [0, 0, 0, 0],
]);

test.each<[ConfusionMetric, number, number]>([
  [metrics.accCamvid, 9 / 13, 18 / 31],
  [metrics.pixelAccuracy, 18 / 31, 18 / 31],
  [metrics.meanIou, (6 / 9 + 3 / 7) / 2, (6 / 14 + 3 / 11 + 9 / 19) / 3],
  [metrics.meanIouWithVoid, (6 / 14 + 3 / 11 + 9 / 19) / 3, (6 / 14 + 3 / 11 + 9 / 19) / 3],
  [metrics.meanDice, (12 / 15 + 6 / 10) / 2, (12 / 20 + 6 / 14 + 18 / 28) / 3],
  [iouOf(1), 3 / 7, 3 / 11],
  [iouOf(2), NaN, 9 / 19],
  [diceOf(0, "sky"), 12 / 15, 12 / 20],
  [diceOf(3), NaN, NaN],
])("$title with a void class and without", (metric, withVoid, without) => {
  for (const [voidIndex, expected] of [
    [2, withVoid],
    [null, without],
  ] as const) {
    const value = metric.compute(matrix, { voidIndex });
    if (Number.isNaN(expected)) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(expected, 12);
  }
});

test("per-class scores: null for void and for classes that are nowhere, 0 for a class never found", () => {
  expect(perClassIou(matrix, 2)).toEqual([6 / 9, 3 / 7, null, null]);
  expect(perClassDice(matrix, 2)).toEqual([12 / 15, 6 / 10, null, null]);
  const missed = fromRows([
    [0, 3],
    [0, 0],
  ]);
  expect(perClassIou(missed, null)).toEqual([0, 0]);
});

test("pixels count, not images: an image of nothing but void changes nothing", () => {
  const some = count(3, [0, 1, 1], [0, 1, 0]);
  const before = metrics.accCamvid.compute(some, { voidIndex: 2 });
  some.merge(count(3, [0, 1, 1, 2], [2, 2, 2, 2]));
  expect(metrics.accCamvid.compute(some, { voidIndex: 2 })).toBe(before);
  expect(before).toBeCloseTo(2 / 3, 12);
});

test("a metric is given by name or as an object of one's own", () => {
  const first: ConfusionMetric = { title: "share of class 0", better: "lower", compute: (m) => m.at(0, 0) };
  expect(resolveMetric(first)).toBe(first);
  expect(resolveMetric("meanIou")).toBe(metrics.meanIou);
  // @ts-expect-error -- a name that is not in the table does not compile
  expect(() => resolveMetric("meanIoU")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: metric: expected a known name, but received "meanIoU"]`,
  );
  expect(() => metricNamed("toString")).toThrow("metric: expected a known name");
  expect(hintOf(() => metricNamed("meanIoU"))).toMatch(/^Did you mean meanIou\? Known metrics: accCamvid, /);
});

test("options out of range are refused", () => {
  expect(() => fBeta({ beta: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: fBeta: beta: expected a number above 0, but received 0]`,
  );
  expect(() => topKAccuracy(0)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: topKAccuracy: expected a whole number of at least 1, but received 0]`,
  );
  expect(() => boundaryIou({ dilationRatio: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: boundaryIou: dilationRatio: expected a number above 0, but received -1]`,
  );
});

test("the titles say which average it is", () => {
  expect([precision(), precision({ average: "micro" }), fBeta({ beta: 1 })].map(({ title }) => title)).toEqual([
    "precision",
    "precision_micro",
    "f1",
  ]);
});

function hintOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
  } catch (error) {
    return (error as SegkitError).hint;
  }
  return undefined;
}

function count(classes: number, predictions: readonly number[], truth: readonly number[]): ConfusionMatrix {
  const counted = new ConfusionMatrix(classes);
  counted.add(Uint8Array.from(predictions), Int32Array.from(truth));
  return counted;
}

function fromRows(rows: readonly (readonly number[])[]): ConfusionMatrix {
  const filled = new ConfusionMatrix(rows.length);
  filled.counts.set(rows.flat());
  return filled;
}
