import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { ConfusionMetric } from "./metric.ts";

/**
 * Share of pixels predicted right among those whose true class is not void (fastai's `acc_camvid`, fastai-spec §5.9).
 */
export const accCamvid: ConfusionMetric = {
  title: "acc_camvid",
  better: "higher",
  compute: (matrix, { voidIndex }) => accuracy(matrix, voidIndex),
};

/**
 * `accCamvid` for a void class named here, whatever the data's is (fastai's `foreground_acc`, fastai-spec §5.9).
 * @example const metric = foregroundAcc(30);
 */
export function foregroundAcc(voidCode: number): ConfusionMetric {
  return { title: "foreground_acc", better: "higher", compute: (matrix) => accuracy(matrix, voidCode) };
}

/** Share of pixels predicted right, void included. */
export const pixelAccuracy: ConfusionMetric = {
  title: "pixel_accuracy",
  better: "higher",
  compute: (matrix) => accuracy(matrix, null),
};

/**
 * Share of pixels predicted wrong among those whose true class is not void: 1 − `accCamvid` (fastai's `error_rate`).
 */
export const errorRate: ConfusionMetric = {
  title: "error_rate",
  better: "lower",
  compute: (matrix, { voidIndex }) => 1 - accuracy(matrix, voidIndex),
};

function accuracy(matrix: ConfusionMatrix, voidIndex: number | null): number {
  let right = 0;
  let all = 0;
  for (let truth = 0; truth < matrix.classes; truth++) {
    if (truth === voidIndex) continue;
    right += matrix.at(truth, truth);
    for (let predicted = 0; predicted < matrix.classes; predicted++) all += matrix.at(truth, predicted);
  }
  return right / all;
}
