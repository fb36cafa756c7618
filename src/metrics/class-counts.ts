import type { ConfusionMatrix } from "./confusion-matrix.ts";

/** Pixels of one class. */
export interface ClassCounts {
  /** Of the class and predicted so. */
  readonly both: number;
  /** Of the class. */
  readonly truth: number;
  /** Predicted as the class. */
  readonly predicted: number;
}

/**
 * The pixel counts of each class. Pixels whose truth is void do not count; null stands for the void class itself and for
 * classes in neither the truth nor the prediction.
 */
export function classCounts(matrix: ConfusionMatrix, voidIndex: number | null): (ClassCounts | null)[] {
  const classes = Array.from({ length: matrix.classes }, (_, c) => c);
  const rows = classes.filter((c) => c !== voidIndex);
  return classes.map((c) => {
    if (c === voidIndex) return null;
    const truth = classes.reduce((sum, predicted) => sum + matrix.at(c, predicted), 0);
    const predicted = rows.reduce((sum, row) => sum + matrix.at(row, c), 0);
    return truth + predicted === 0 ? null : { both: matrix.at(c, c), truth, predicted };
  });
}

/** One score for each class, null where the class has no counts. */
export function perClass(
  matrix: ConfusionMatrix,
  voidIndex: number | null,
  score: (counts: ClassCounts) => number,
): (number | null)[] {
  return classCounts(matrix, voidIndex).map((counts) => counts && score(counts));
}

/** How the scores of the classes become one number. */
export type Average =
  /** Their mean: a rare class counts like a frequent one. */
  | "macro"
  /** The score of all classes' counts added up: a pixel counts like any other. */
  | "micro"
  /** Their mean by the number of true pixels. */
  | "weighted";

/** The average of a score over the classes there are; NaN if no pixel counts. */
export function averageScore(
  matrix: ConfusionMatrix,
  voidIndex: number | null,
  score: (counts: ClassCounts) => number,
  average: Average,
): number {
  const counted = classCounts(matrix, voidIndex).filter((counts) => counts !== null);
  return averages[average](counted, score);
}

type Score = (counts: ClassCounts) => number;

const averages: Readonly<Record<Average, (list: readonly ClassCounts[], score: Score) => number>> = {
  macro: (list, score) => total(list, score) / list.length,
  micro: (list, score) =>
    score({
      both: total(list, ({ both }) => both),
      truth: total(list, ({ truth }) => truth),
      predicted: total(list, ({ predicted }) => predicted),
    }),
  weighted: (list, score) => total(list, (counts) => counts.truth * score(counts)) / total(list, ({ truth }) => truth),
};

const total = (list: readonly ClassCounts[], value: Score): number =>
  list.reduce((sum, counts) => sum + value(counts), 0);
