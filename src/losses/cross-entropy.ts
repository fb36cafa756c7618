import { expectDType, expectRank } from "../graph/expect.ts";
import {
  and,
  cast,
  div,
  equal,
  exp,
  greater,
  greaterOrEqual,
  less,
  log,
  mul,
  not,
  stopGradient,
  sub,
  where,
} from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { oneHot } from "../graph/ops/one-hot.ts";
import { max, sum } from "../graph/ops/reduce.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { ConfigError, ShapeError } from "../util/errors.ts";
import type { Loss } from "./loss.ts";

export interface CrossEntropyOptions {
  /** How much a pixel counts, by its class; by default all count alike. */
  readonly weight?: readonly number[];
  /** A class id whose pixels do not count, such as that of void. */
  readonly ignoreIndex?: number;
}

/**
 * Softmax cross-entropy of logits [N, C, H, W] and class ids int32 [N, H, W], as in PyTorch: the weighted mean of
 * −log softmax over the pixels that count, Σ w·l / Σ w. Pixels do not count if their id is `ignoreIndex` or outside
 * [0, C). Where none counts, loss and gradient are 0 (PyTorch: NaN).
 * Throws a ConfigError for weights that are negative or not one for each class, a ShapeError for operands that do not fit.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { weight, ignoreIndex } = options;
  if (weight?.some((w) => !(w >= 0 && w < Infinity)))
    throw new ConfigError(`crossEntropy: expected class weights of at least 0, but received ${weight.join(", ")}`);
  return (logits, target) => {
    const classes = checkOperands(logits, target);
    if (weight && weight.length !== classes)
      throw new ConfigError(`crossEntropy: expected ${classes} class weights, but received ${weight.length}`, {
        hint: "Give one weight for each class, in the order of codes.txt.",
      });
    const counted = countedPixels(target, classes, ignoreIndex);
    const weights = weight
      ? mul(
          cast(counted, "float32"),
          gather(constant(Float32Array.from(weight), [classes]), where(counted, target, 0), 0),
        )
      : cast(counted, "float32");
    const total = sum(weights);
    return div(sum(mul(pixelLosses(logits, target), weights)), where(greater(total, 0), total, 1));
  };
}

/** −log softmax of the logits at each pixel's own class, [N, H, W]. */
function pixelLosses(logits: Tensor, target: Tensor): Tensor {
  // The gradient by the maximum cancels out; without it, it is softmax − one-hot in three passes.
  const shifted = sub(logits, stopGradient(max(logits, [1], true)));
  const own = sum(mul(oneHot(target, logits.shape[1]!, 1), shifted), [1]);
  return sub(log(sum(exp(shifted), [1])), own);
}

function countedPixels(target: Tensor, classes: number, ignoreIndex: number | undefined): Tensor {
  const known = and(greaterOrEqual(target, 0), less(target, classes));
  return ignoreIndex === undefined ? known : and(known, not(equal(target, ignoreIndex)));
}

/** The number of classes. */
function checkOperands(logits: Tensor, target: Tensor): number {
  expectDType("crossEntropy", "float32", logits);
  expectRank("crossEntropy", logits, 4, "NCHW");
  expectDType("crossEntropy", "int32", target);
  const [n, c, h, w] = logits.shape as readonly [number, number, number, number];
  if (!sameShape(target.shape, [n, h, w]))
    throw new ShapeError(
      `crossEntropy: expected class ids ${showShape([n, h, w])} for logits ${showShape(logits.shape)}, but received ${showShape(target.shape)}`,
    );
  return c;
}
