import { ConfigError } from "../util/errors.ts";
import { type Average, averageScore, type ClassCounts, perClass } from "./class-counts.ts";
import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { ConfusionMetric } from "./metric.ts";

export interface AverageOptions {
  /** How the classes' scores become one number; default "macro". */
  readonly average?: Average;
}

export interface FBetaOptions extends AverageOptions {
  /** How many times more recall counts than precision, above 0; default 2, as in fastai. */
  readonly beta?: number;
}

type Score = (counts: ClassCounts) => number;

// As in scikit-learn, a class that is never predicted has precision 0, and one that is never true recall 0.
const precisionScore: Score = ({ both, predicted }) => (predicted === 0 ? 0 : both / predicted);
const recallScore: Score = ({ both, truth }) => (truth === 0 ? 0 : both / truth);
const fBetaScore =
  (beta: number): Score =>
  ({ both, truth, predicted }) =>
    ((1 + beta ** 2) * both) / (beta ** 2 * truth + predicted);

/**
 * Share of the pixels predicted as each class that are of it; void and absent classes as in `perClassIou`.
 * @example const scores = perClassPrecision(matrix, data.voidIndex);
 */
export function perClassPrecision(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, precisionScore);
}

/**
 * Share of the pixels of each class that are predicted so; void and absent classes as in `perClassIou`.
 * @example const scores = perClassRecall(matrix, data.voidIndex);
 */
export function perClassRecall(matrix: ConfusionMatrix, voidIndex: number | null): (number | null)[] {
  return perClass(matrix, voidIndex, recallScore);
}

/**
 * F-beta of each class; void and absent classes as in `perClassIou`. Throws a ConfigError for a beta not above 0.
 * @example const scores = perClassFBeta(matrix, data.voidIndex, 2);
 */
export function perClassFBeta(matrix: ConfusionMatrix, voidIndex: number | null, beta = 2): (number | null)[] {
  return perClass(matrix, voidIndex, fBetaScore(checkedBeta(beta)));
}

/**
 * Precision averaged over the classes without void, in [0, 1] (fastai's `Precision`, fastai-spec §5.9).
 * @example const metric = precision({ average: "macro" });
 */
export function precision({ average = "macro" }: AverageOptions = {}): ConfusionMetric {
  return averaged("precision", precisionScore, average);
}

/**
 * Recall averaged over the classes without void, in [0, 1] (fastai's `Recall`, fastai-spec §5.9).
 * @example const metric = recall({ average: "macro" });
 */
export function recall({ average = "macro" }: AverageOptions = {}): ConfusionMetric {
  return averaged("recall", recallScore, average);
}

/**
 * F-beta averaged over the classes without void, in [0, 1] (fastai's `FBeta`, fastai-spec §5.9); with beta 1 and
 * "macro" it is `meanDice`. Throws a ConfigError for a beta not above 0.
 * @example const metric = fBeta({ beta: 2 });
 */
export function fBeta({ beta = 2, average = "macro" }: FBetaOptions = {}): ConfusionMetric {
  return averaged(`f${checkedBeta(beta)}`, fBetaScore(beta), average);
}

function averaged(name: string, score: Score, average: Average): ConfusionMetric {
  return {
    title: average === "macro" ? name : `${name}_${average}`,
    better: "higher",
    compute: (matrix, { voidIndex }) => {
      const value = averageScore(matrix, voidIndex, score, average);
      return noPixel(matrix, voidIndex) ? NaN : value;
    },
  };
}

function noPixel(matrix: ConfusionMatrix, voidIndex: number | null): boolean {
  return matrix.counts.every((count, i) => count === 0 || Math.floor(i / matrix.classes) === voidIndex);
}

function checkedBeta(beta: number): number {
  if (beta > 0 && beta < Infinity) return beta;
  throw new ConfigError(`fBeta: beta: expected a number above 0, but received ${beta}`);
}
