import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfusionMatrix } from "./confusion-matrix.ts";
import { type MetricName, metricNamed, metrics, resolveMetric } from "./index.ts";
import type { Metric } from "./metric.ts";
import { perClassDice, perClassIou } from "./overlap.ts";

interface Golden {
  target: number[][][][];
  metrics: {
    void_code: number;
    acc_camvid: number;
    foreground_acc: number;
    argmax: number[][][];
    pixel_accuracy_all: number;
  };
  dice: { target: number[][][][]; argmax: number[][][]; per_image_dice: number[]; per_image_iou: number[] };
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
    expect(metrics.accCamvid.compute(matrix, { voidIndex })).toBeCloseTo(expected.foreground_acc, 6);
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

test.each<[MetricName, number, number]>([
  ["accCamvid", 9 / 13, 18 / 31],
  ["pixelAccuracy", 18 / 31, 18 / 31],
  ["meanIou", (6 / 9 + 3 / 7) / 2, (6 / 14 + 3 / 11 + 9 / 19) / 3],
  ["meanIouWithVoid", (6 / 14 + 3 / 11 + 9 / 19) / 3, (6 / 14 + 3 / 11 + 9 / 19) / 3],
  ["meanDice", (12 / 15 + 6 / 10) / 2, (12 / 20 + 6 / 14 + 18 / 28) / 3],
])("%s with a void class and without", (name, withVoid, without) => {
  expect(metrics[name].compute(matrix, { voidIndex: 2 })).toBeCloseTo(withVoid, 12);
  expect(metrics[name].compute(matrix, { voidIndex: null })).toBeCloseTo(without, 12);
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

test.each(Object.entries<Metric>(metrics))(
  "%s is NaN if no pixel counts and 1 for a perfect prediction",
  (_, metric) => {
    expect(metric.compute(new ConfusionMatrix(3), { voidIndex: 2 })).toBeNaN();
    expect(metric.compute(count(3, [0, 1, 1], [0, 1, 1]), { voidIndex: 2 })).toBe(1);
  },
);

test("a metric is given by name or as an object of one's own", () => {
  const first: Metric = { title: "share of class 0", better: "lower", compute: (m) => m.at(0, 0) };
  expect(resolveMetric(first)).toBe(first);
  expect(resolveMetric("meanIou")).toBe(metrics.meanIou);
  // @ts-expect-error -- a name that is not in the table does not compile
  expect(() => resolveMetric("meanIoU")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: metric: expected a known name, but received "meanIoU"]`,
  );
  expect(() => metricNamed("toString")).toThrow("metric: expected a known name");
});

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
