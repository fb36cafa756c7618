import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { Metric } from "./metric.ts";

/** Share of pixels predicted right among those whose true class is not void (fastai's `acc_camvid`, `foreground_acc`). */
export const accCamvid: Metric = {
  title: "acc_camvid",
  better: "higher",
  compute: (matrix, { voidIndex }) => accuracy(matrix, voidIndex),
};

/** Share of pixels predicted right, void included. */
export const pixelAccuracy: Metric = {
  title: "pixel_accuracy",
  better: "higher",
  compute: (matrix) => accuracy(matrix, null),
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
