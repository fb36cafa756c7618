import { add, cast, div, exp, greater, log, mul, stopGradient, sub, where } from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { max, sum } from "../graph/ops/reduce.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { counting } from "./counted.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { checkNumber, checkOperands, checkWeight, checkWeightCount, countedPixels } from "./pixels.ts";

export interface CrossEntropyOptions extends LossOptions {
  /** Share of a pixel's target that is spread evenly over all classes, in [0, 1]; default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Softmax cross-entropy of logits [N, C, H, W] and class ids int32 [N, H, W], as in PyTorch: the weighted mean of −log
 * softmax over the pixels that count, Σ w·l / Σ w. Pixels do not count if their id is `ignoreIndex` or outside [0, C).
 * Where none counts, loss and gradient are 0 (PyTorch: NaN). With `labelSmoothing` ε, l is (1−ε)·w_own·l_own + ε/C·Σ_c
 * w_c·l_c, and the divisor stays Σ w_own (Szegedy et al. 2016, weights as in PyTorch). Throws a ConfigError for weights
 * that are negative or not one for each class or smoothing outside [0, 1], a ShapeError for operands that do not fit.
 * @example const loss = crossEntropy({ ignoreIndex: 11, labelSmoothing: 0.1 });
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { weight, ignoreIndex, labelSmoothing = 0 } = options;
  checkWeight("crossEntropy", weight);
  checkNumber("crossEntropy", "labelSmoothing", labelSmoothing, 0, 1);
  return counting({ weight, ignoreIndex }, (logits, target) => {
    const classes = checkOperands("crossEntropy", logits, target);
    checkWeightCount("crossEntropy", weight, classes);
    const counted = countedPixels(target, classes, ignoreIndex);
    const weights = weight
      ? mul(
          cast(counted, "float32"),
          gather(constant(Float32Array.from(weight), [classes]), where(counted, target, 0), 0),
        )
      : cast(counted, "float32");
    const total = sum(weights);
    const divisor = where(greater(total, 0), total, 1);
    const { own, all } = pixelLosses(logits, target, weight);
    if (labelSmoothing === 0) return div(sum(mul(own, weights)), divisor);
    // A pixel of weight 0 still has its share of the smoothing, but a batch of nothing else counts nothing.
    const spread = mul(all, mul(cast(counted, "float32"), cast(greater(total, 0), "float32")));
    const smoothed = add(mul(mul(own, weights), 1 - labelSmoothing), mul(spread, labelSmoothing / classes));
    return div(sum(smoothed), divisor);
  });
}

/** −log softmax of the logits at each pixel's own class, and the weighted sum of it at all classes; [N, H, W]. */
function pixelLosses(logits: Tensor, target: Tensor, weight?: readonly number[]): { own: Tensor; all: Tensor } {
  // The gradient by the maximum cancels out; without it, it is softmax − one-hot in three passes.
  const classes = logits.shape[1]!;
  const shifted = sub(logits, stopGradient(max(logits, [1], true)));
  const own = sum(mul(oneHot(target, classes, 1), shifted), [1]);
  const normalizer = log(sum(exp(shifted), [1]));
  const weights = weight ?? Array.from({ length: classes }, () => 1);
  const weighted = mul(shifted, constant(Float32Array.from(weights), [classes, 1, 1]));
  const total = weights.reduce((all, w) => all + w, 0);
  return { own: sub(normalizer, own), all: sub(mul(normalizer, total), sum(weighted, [1])) };
}
