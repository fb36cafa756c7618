import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { Metric } from "./metric.ts";

/**
 * Intersection over union of each class, in [0, 1]. Pixels whose truth is void do not count; null stands for the void
 * class itself and for classes in neither the truth nor the prediction.
 */
export function perClassIou(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, (both, truth, predicted) => both / (truth + predicted - both));
}

/** Dice coefficient (F1) of each class; void and absent classes as in `perClassIou`. */
export function perClassDice(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, (both, truth, predicted) => (2 * both) / (truth + predicted));
}

/** Mean of the classes' IoU, without void. */
export const meanIou: Metric = {
  title: "mean_iou",
  better: "higher",
  compute: (matrix, { voidIndex }) => mean(perClassIou(matrix, voidIndex)),
};

/** Mean of the classes' IoU with void as a class like the others. */
export const meanIouWithVoid: Metric = {
  title: "mean_iou_with_void",
  better: "higher",
  compute: (matrix) => mean(perClassIou(matrix, null)),
};

/** Mean of the classes' Dice coefficients, without void. */
export const meanDice: Metric = {
  title: "mean_dice",
  better: "higher",
  compute: (matrix, { voidIndex }) => mean(perClassDice(matrix, voidIndex)),
};

function perClass(
  matrix: ConfusionMatrix,
  voidIndex: number | null,
  score: (both: number, truth: number, predicted: number) => number,
): (number | null)[] {
  const classes = Array.from({ length: matrix.classes }, (_, c) => c);
  const counted = classes.filter((c) => c !== voidIndex);
  return classes.map((c) => {
    if (c === voidIndex) return null;
    const truth = classes.reduce((sum, predicted) => sum + matrix.at(c, predicted), 0);
    const predicted = counted.reduce((sum, row) => sum + matrix.at(row, c), 0);
    return truth + predicted === 0 ? null : score(matrix.at(c, c), truth, predicted);
  });
}

function mean(values: readonly (number | null)[]): number {
  const present = values.filter((value) => value !== null);
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}
