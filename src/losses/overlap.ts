import { softmax } from "../graph/ops/activation.ts";
import {
  add,
  cast,
  div,
  greater,
  log,
  maximum,
  mul,
  neg,
  pow,
  sub,
  where as choose,
} from "../graph/ops/elementwise.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { sum } from "../graph/ops/reduce.ts";
import type { Tensor } from "../graph/tensor.ts";
import { classMean } from "./class-mean.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { checkNumber, checkOperands, checkWeight, countedMask } from "./pixels.ts";

export interface OverlapOptions extends LossOptions {
  /** Added above and below the fraction line, in pixels, at least 0; default 0. */
  readonly smooth?: number;
  /** −log(score) in place of 1 − score; default false. */
  readonly logLoss?: boolean;
  /** The class ids that take part; by default all. */
  readonly classes?: readonly number[];
}

export interface TverskyOptions extends OverlapOptions {
  /** Cost of a pixel taken for the class that is not; default 0.5. */
  readonly alpha?: number;
  /** Cost of a pixel of the class that is missed; default 0.5. */
  readonly beta?: number;
  /** The mean over the classes is raised to this power, above 0; default 1. */
  readonly gamma?: number;
}

/** Least divisor, and least score whose logarithm is taken. */
const epsilon = 1e-7;

/**
 * Tversky loss of logits [N, C, H, W] and class ids int32 [N, H, W] (Salehi et al. 2017): 1 − TP / (TP + α·FP + β·FN)
 * of the softmax of each class over all pixels of the batch that count, the mean over classes to the power γ.
 * Equals segmentation_models_pytorch's `TverskyLoss("multiclass")` with its habit that a class without a true pixel
 * in the batch has loss 0 but takes part in the mean. Ids outside the classes, an error there, do not count.
 * Throws a ConfigError for options out of range, a ShapeError for operands that do not fit.
 * @example const loss = tversky({ alpha: 0.3, beta: 0.7 }); // misses cost more than false alarms
 */
export function tversky(options: TverskyOptions = {}): Loss {
  return overlapLoss("tversky", options);
}

/**
 * Soft Dice loss of logits [N, C, H, W] and class ids int32 [N, H, W] (Milletari et al. 2016): 1 − 2·TP / (2·TP + FP +
 * FN), as `tversky` with α = β = 0.5; equals segmentation_models_pytorch's `DiceLoss("multiclass")`. Errors as
 * `tversky`.
 * @example const loss = dice({ ignoreIndex: 255 });
 */
export function dice(options: OverlapOptions = {}): Loss {
  return overlapLoss("dice", { ...options, alpha: 0.5, beta: 0.5, gamma: 1 });
}

/**
 * Soft Jaccard (IoU) loss of logits [N, C, H, W] and class ids int32 [N, H, W]: 1 − TP / (TP + FP + FN), as `tversky`
 * with α = β = 1; equals segmentation_models_pytorch's `JaccardLoss("multiclass")`. Errors as `tversky`.
 * @example const loss = jaccard({ smooth: 1 });
 */
export function jaccard(options: OverlapOptions = {}): Loss {
  return overlapLoss("jaccard", { ...options, alpha: 1, beta: 1, gamma: 1 });
}

function overlapLoss(name: string, options: TverskyOptions): Loss {
  const { alpha = 0.5, beta = 0.5, gamma = 1, smooth = 0, logLoss = false } = options;
  const { weight, classes: chosen, ignoreIndex } = options;
  for (const [key, value] of Object.entries({ alpha, beta, smooth })) checkNumber(name, key, value, 0);
  checkNumber(name, "gamma", gamma, Number.MIN_VALUE);
  checkWeight(name, weight);
  return (logits, target) => {
    const classes = checkOperands(name, logits, target);
    const counted = countedMask(target, classes, ignoreIndex);
    const own = mul(oneHot(target, classes, 1), counted);
    const probabilities = mul(softmax(logits, 1), counted);
    const both = pixelSum(mul(probabilities, own));
    const truth = pixelSum(own);
    const wrong = add(mul(sub(pixelSum(probabilities), both), alpha), mul(sub(truth, both), beta));
    const score = div(add(both, smooth), maximum(add(add(both, wrong), smooth), epsilon));
    const perClass = logLoss ? neg(log(maximum(score, epsilon))) : sub(1, score);
    const present = cast(greater(truth, 0), "float32");
    return power(classMean(name, mul(perClass, present), { weight, classes: chosen }), gamma);
  };
}

const pixelSum = (x: Tensor): Tensor => sum(x, [0, 2, 3]);

/** x^γ for x ≥ 0, with gradient 0 at 0 whatever the power. */
function power(x: Tensor, gamma: number): Tensor {
  return gamma === 1 ? x : choose(greater(x, 0), pow(maximum(x, epsilon), gamma), 0);
}
