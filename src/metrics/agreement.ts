import type { ConfusionMatrix } from "./confusion-matrix.ts";
import type { ConfusionMetric } from "./metric.ts";

/** How far apart two classes are, for Cohen's kappa. */
const distances = {
  none: (a: number, b: number): number => Number(a !== b),
  linear: (a: number, b: number): number => Math.abs(a - b),
  quadratic: (a: number, b: number): number => (a - b) ** 2,
};

export interface KappaOptions {
  /** Whether all confusions weigh alike, or by the distance of the class ids or its square; default "none". */
  readonly weights?: keyof typeof distances;
}

/**
 * Cohen's kappa: agreement beyond what chance gives, at most 1; pixels whose truth is void do not count (fastai's
 * `KappaScore`, fastai-spec §5.9). NaN, as in scikit-learn, where truth and prediction are one and the same class
 * throughout.
 * @example const metric = cohenKappa({ weights: "quadratic" });
 */
export function cohenKappa({ weights = "none" }: KappaOptions = {}): ConfusionMetric {
  const distance = distances[weights];
  return {
    title: weights === "none" ? "kappa" : `kappa_${weights}`,
    better: "higher",
    compute: (matrix, { voidIndex }) => {
      const { truth, predicted, all } = margins(matrix, voidIndex);
      let [found, expected] = [0, 0];
      for (const [t, rows] of truth.entries())
        for (const [p, columns] of predicted.entries()) {
          if (t !== voidIndex) found += distance(t, p) * matrix.at(t, p);
          expected += (distance(t, p) * rows * columns) / all;
        }
      return 1 - found / expected;
    },
  };
}

/**
 * Matthews' correlation coefficient of all classes, in [−1, 1] (Gorodkin 2004); pixels whose truth is void do not count
 * (fastai's `MatthewsCorreff`, fastai-spec §5.9). 0, as in scikit-learn, where the truth or the prediction is a single
 * class.
 */
export const matthews: ConfusionMetric = {
  title: "matthews",
  better: "higher",
  compute: (matrix, { voidIndex }) => {
    const { truth, predicted, all } = margins(matrix, voidIndex);
    if (all === 0) return NaN;
    const right = truth.reduce((sum, _, c) => sum + (c === voidIndex ? 0 : matrix.at(c, c)), 0);
    const spread = (a: readonly number[], b: readonly number[]): number =>
      all ** 2 - a.reduce((sum, n, c) => sum + n * b[c]!, 0);
    const scale = Math.sqrt(spread(truth, truth) * spread(predicted, predicted));
    return scale === 0 ? 0 : (right * all - truth.reduce((sum, n, c) => sum + n * predicted[c]!, 0)) / scale;
  },
};

/** Pixels by true class and by predicted class, those of void left out. */
function margins(matrix: ConfusionMatrix, voidIndex: number | null) {
  const truth = Array.from({ length: matrix.classes }, () => 0);
  const predicted = Array.from({ length: matrix.classes }, () => 0);
  for (const t of truth.keys()) {
    if (t === voidIndex) continue;
    for (const p of predicted.keys()) {
      truth[t]! += matrix.at(t, p);
      predicted[p]! += matrix.at(t, p);
    }
  }
  return { truth, predicted, all: truth.reduce((sum, n) => sum + n, 0) };
}
