import { sigmoid } from "../graph/ops/activation.ts";
import {
  add,
  clip,
  div,
  exp,
  log,
  maximum,
  mul,
  neg,
  pow,
  stopGradient,
  square,
  sub,
} from "../graph/ops/elementwise.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { sum } from "../graph/ops/reduce.ts";
import type { Tensor } from "../graph/tensor.ts";
import { classMean } from "./class-mean.ts";
import { counting } from "./counted.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { checkNumber, checkOperands, checkWeight, countedMask } from "./pixels.ts";

export interface FocalOptions extends LossOptions {
  /** How little pixels count that are right already, at least 0; default 2. */
  readonly gamma?: number;
  /** Share of a class's own pixels against all others, in [0, 1]; by default both count in full. */
  readonly alpha?: number;
}

/**
 * Focal loss of logits [N, C, H, W] and class ids int32 [N, H, W] (Lin et al. 2017): each class against all others by a
 * sigmoid, −α_t·(1−p_t)^γ·log p_t, averaged over the pixels that count and then, by `weight`, over the classes. Equals
 * segmentation_models_pytorch's `FocalLoss("multiclass")`, except that there an id outside the classes is a pixel of
 * none of them and a batch without a pixel that counts gives NaN: here they do not count, and it gives 0. Throws a
 * ConfigError for options out of range, a ShapeError for operands that do not fit.
 * @example const loss = focal({ gamma: 2, alpha: 0.25 });
 */
export function focal(options: FocalOptions = {}): Loss {
  const { gamma = 2, alpha, weight, ignoreIndex } = options;
  checkNumber("focal", "gamma", gamma, 0);
  if (alpha !== undefined) checkNumber("focal", "alpha", alpha, 0, 1);
  checkWeight("focal", weight);
  return counting({ ignoreIndex }, (logits, target) => {
    const classes = checkOperands("focal", logits, target);
    const counted = countedMask(target, classes, ignoreIndex);
    const own = oneHot(target, classes, 1);
    // Logits of being right: of the class where it is the pixel's own, of the rest where it is not.
    const right = mul(logits, sub(mul(own, 2), 1));
    let pixels = mul(softplus(neg(right)), modulation(right, gamma));
    if (alpha !== undefined) pixels = mul(pixels, add(mul(own, 2 * alpha - 1), 1 - alpha));
    const perClass = div(sum(mul(pixels, counted), [0, 2, 3]), maximum(sum(counted), 1));
    return classMean("focal", perClass, { weight });
  });
}

/** (1−p_t)^γ. The power has no slope at 0 that could be computed with, so it is not taken there. */
function modulation(right: Tensor, gamma: number): Tensor | number {
  if (gamma === 0) return 1;
  const wrong = sigmoid(neg(right));
  if (gamma === 2) return square(wrong);
  return pow(gamma < 1 ? clip(wrong, 1e-12, 1) : wrong, gamma);
}

/** log(1 + e^x) without overflow, and with the right gradient at 0. */
function softplus(x: Tensor): Tensor {
  const high = stopGradient(maximum(x, 0));
  return add(high, log(add(exp(neg(high)), exp(sub(x, high)))));
}
