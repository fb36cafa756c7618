import { softmax } from "../graph/ops/activation.ts";
import { abs, add, cast, div, greater, maximum, mul, stopGradient, sub, where } from "../graph/ops/elementwise.ts";
import { reshape, transpose } from "../graph/ops/movement.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { sum } from "../graph/ops/reduce.ts";
import { cumSum } from "../graph/ops/scan.ts";
import { argSort, takeAlong } from "../graph/ops/sort.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { checkOperands, checkWeight, checkWeightCount, countedMask } from "./pixels.ts";

export interface LovaszSoftmaxOptions extends LossOptions {
  /**
   * Whether each picture has a loss of its own, of which the mean is taken; by default the batch is one set of pixels.
   */
  readonly perImage?: boolean;
}

/**
 * Lovász-Softmax loss of logits [N, C, H, W] and class ids int32 [N, H, W] (Berman et al. 2018): the convex extension
 * of 1 − IoU of each class that has a true pixel, averaged over these classes by `weight`. Equals
 * segmentation_models_pytorch's `LovaszLoss("multiclass")`, which has no weights; per image, pictures without a pixel
 * that counts do not take part in the mean here. Sorts all pixels once for each class. Throws a ConfigError for weights
 * below 0 or not one for each class, a ShapeError for operands that do not fit.
 * @example const loss = lovaszSoftmax({ perImage: true });
 */
export function lovaszSoftmax(options: LovaszSoftmaxOptions = {}): Loss {
  const { perImage = false, weight, ignoreIndex } = options;
  checkWeight("lovaszSoftmax", weight);
  return (logits, target) => {
    const classes = checkOperands("lovaszSoftmax", logits, target);
    checkWeightCount("lovaszSoftmax", weight, classes);
    const [n, , h, w] = logits.shape as readonly [number, number, number, number];
    // Sets of pixels to rank: [images, classes, pixels], or [1, classes, pixels of all images].
    const sets = (x: Tensor): Tensor =>
      perImage ? reshape(x, [n, x.shape[1]!, h * w]) : reshape(transpose(x, [1, 0, 2, 3]), [1, x.shape[1]!, n * h * w]);
    const counted = sets(countedMask(target, classes, ignoreIndex));
    const own = mul(sets(oneHot(target, classes, 1)), counted);
    const errors = mul(abs(sub(own, sets(softmax(logits, 1)))), counted);
    const perClass = rankedSum(errors, own, counted);
    const present = cast(greater(sum(own, [2]), 0), "float32");
    const each = Float32Array.from({ length: classes }, (_, c) => weight?.[c] ?? 1);
    const weights = mul(present, constant(each, [classes]));
    const perSet = ratio(sum(mul(perClass, weights), [1]), sum(weights, [1]));
    return ratio(sum(perSet), sum(cast(greater(sum(weights, [1]), 0), "float32")));
  };
}

/**
 * Σ of the errors, largest first, each times what 1 − IoU gains when its pixel becomes wrong as well; [sets, classes].
 */
function rankedSum(errors: Tensor, own: Tensor, counted: Tensor): Tensor {
  const keys = where(greater(counted, 0), stopGradient(errors), -1);
  const order = argSort(keys, 2, { descending: true });
  const sortedOwn = takeAlong(own, order, 2);
  const total = sum(own, [2], true);
  const missed = sub(total, cumSum(sortedOwn, 2));
  // Others of the pixels so far; those that do not count come last, where every error is 0.
  const others = cumSum(sub(1, sortedOwn), 2);
  const union = add(total, others);
  // The differences of 1 − missed/union in closed form, for the numbers themselves are too close to subtract.
  const gains = div(where(greater(sortedOwn, 0), 1, div(missed, maximum(sub(union, 1), 1))), maximum(union, 1));
  return sum(mul(takeAlong(errors, order, 2), stopGradient(gains)), [2]);
}

/** a / b, or 0 where b is 0. */
const ratio = (a: Tensor, b: Tensor): Tensor => div(a, where(greater(b, 0), b, 1));
