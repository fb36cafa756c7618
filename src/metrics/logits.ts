import { logSoftmax } from "../graph/ops/activation.ts";
import { and, cast, equal, greater, greaterOrEqual, less, mul, neg, not } from "../graph/ops/elementwise.ts";
import { concat, reshape } from "../graph/ops/movement.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { sum } from "../graph/ops/reduce.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import type { EpochContext, LogitsMetric } from "./metric.ts";

/**
 * Share of pixels whose true class is among the k with the largest logits, in [0, 1]; pixels whose truth is void or no
 * class do not count (fastai's `top_k_accuracy`, fastai-spec §5.9). Throws a ConfigError unless k is a whole number of
 * at least 1.
 * @example const metric = topKAccuracy(3);
 */
export function topKAccuracy(k = 5): LogitsMetric {
  if (!(Number.isInteger(k) && k >= 1))
    throw new ConfigError(`topKAccuracy: expected a whole number of at least 1, but received ${k}`);
  return pixelMean(
    `top_${k}_accuracy`,
    "higher",
    (logits, own) => {
      const ownLogit = sum(mul(logits, own), [1], true);
      const better = sum(cast(greater(logits, ownLogit), "float32"), [1]);
      return cast(less(better, k), "float32");
    },
    (mean) => mean,
  );
}

/**
 * e to the mean cross-entropy of the pixels, at least 1, all classes counting alike; pixels whose truth is void or no
 * class do not count (fastai's `Perplexity`, fastai-spec §5.9).
 */
export const perplexity: LogitsMetric = pixelMean(
  "perplexity",
  "lower",
  (logits, own) => neg(sum(mul(logSoftmax(logits, 1), own), [1])),
  Math.exp,
);

/**
 * A metric from the mean over the pixels that count of `score`, made of the logits and the one-hot truth: [N, H, W].
 */
function pixelMean(
  title: string,
  better: LogitsMetric["better"],
  score: (logits: Tensor, own: Tensor) => Tensor,
  finish: (mean: number) => number,
): LogitsMetric {
  return {
    title,
    better,
    sums: (logits, target, context) => {
      const counted = cast(countedPixels(target, context), "float32");
      const scores = mul(score(logits, oneHot(target, context.classes, 1)), counted);
      return concat(
        [sum(scores), sum(counted)].map((total) => reshape(total, [1])),
        0,
      );
    },
    fromSums: ([total = NaN, count = 0]) => finish(total / count),
  };
}

function countedPixels(target: Tensor, { classes, voidIndex }: EpochContext): Tensor {
  const known = and(greaterOrEqual(target, 0), less(target, classes));
  return voidIndex === null ? known : and(known, not(equal(target, voidIndex)));
}
