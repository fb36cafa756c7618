import { averageScore, type ClassCounts, perClass } from "./class-counts.ts";
import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { ConfusionMetric } from "./metric.ts";

const iou = ({ both, truth, predicted }: ClassCounts): number => both / (truth + predicted - both);
const dice = ({ both, truth, predicted }: ClassCounts): number => (2 * both) / (truth + predicted);

/**
 * Intersection over union of each class, in [0, 1]. Pixels whose truth is void do not count; null stands for the void
 * class itself and for classes in neither the truth nor the prediction.
 * @example const iou = perClassIou((await learner.validate()).confusion, data.voidIndex);
 */
export function perClassIou(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, iou);
}

/**
 * Dice coefficient (F1) of each class; void and absent classes as in `perClassIou`.
 * @example const scores = perClassDice(matrix, data.voidIndex);
 */
export function perClassDice(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, dice);
}

/** Mean of the classes' IoU, without void. */
export const meanIou: ConfusionMetric = {
  title: "mean_iou",
  better: "higher",
  compute: (matrix, { voidIndex }) => averageScore(matrix, voidIndex, iou, "macro"),
};

/** Mean of the classes' IoU with void as a class like the others. */
export const meanIouWithVoid: ConfusionMetric = {
  title: "mean_iou_with_void",
  better: "higher",
  compute: (matrix) => averageScore(matrix, null, iou, "macro"),
};

/** Mean of the classes' IoU by their numbers of true pixels, without void (Long et al. 2015). */
export const frequencyWeightedIou: ConfusionMetric = {
  title: "frequency_weighted_iou",
  better: "higher",
  compute: (matrix, { voidIndex }) => averageScore(matrix, voidIndex, iou, "weighted"),
};

/** Mean of the classes' Dice coefficients, without void. */
export const meanDice: ConfusionMetric = {
  title: "mean_dice",
  better: "higher",
  compute: (matrix, { voidIndex }) => averageScore(matrix, voidIndex, dice, "macro"),
};

/**
 * The IoU of one class as a metric of its own, titled `iou_NAME`; NaN where the class is nowhere.
 * @example const metric = iouOf(data.classes.indexOf("Car"), "Car"); // titled iou_Car
 */
export function iouOf(id: number, name = String(id)): ConfusionMetric {
  return ofClass(`iou_${name}`, id, iou);
}

/**
 * The Dice coefficient of one class as a metric of its own, titled `dice_NAME`; NaN where the class is nowhere.
 * @example const metric = diceOf(data.classes.indexOf("Car"), "Car"); // titled dice_Car
 */
export function diceOf(id: number, name = String(id)): ConfusionMetric {
  return ofClass(`dice_${name}`, id, dice);
}

function ofClass(title: string, id: number, score: (counts: ClassCounts) => number): ConfusionMetric {
  return {
    title,
    better: "higher",
    compute: (matrix, { voidIndex }) => perClass(matrix, voidIndex, score)[id] ?? NaN,
  };
}
