import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectRank } from "../expect.ts";
import { defineOp } from "../op.ts";
import { showShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, div, mul, neg, reciprocal, sqrt, square, sub } from "./elementwise.ts";
import { reshape } from "./movement.ts";
import { mean, sum } from "./reduce.ts";

type NormInputs = [x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor];

function normalized(type: string, [x, ...statistics]: NormInputs): TensorType {
  expectDType(type, "float32", x, ...statistics);
  expectRank(type, x, 4, "NCHW");
  for (const s of statistics)
    if (s.rank !== 1 || s.shape[0] !== x.shape[1])
      throw new ShapeError(
        `${type}: expected weight, bias, mean and variance of [${x.shape[1]}] for ${showShape(x.shape)}, but received ${showShape(s.shape)}`,
      );
  return { shape: x.shape, dtype: "float32" };
}

const channels = (s: Tensor): Tensor => reshape(s, [1, s.size, 1, 1]);

/** What the gradients of both batch norms share: Σ dy and Σ dy·(x − mean) per channel, and 1/√(variance + ε). */
function sums(dy: Tensor, [x, , , mu, variance]: NormInputs, epsilon: number) {
  const dySum = sum(dy, [0, 2, 3]);
  const dyDotX = sum(mul(dy, x), [0, 2, 3]);
  return { dySum, dyDotCentered: sub(dyDotX, mul(mu, dySum)), rstd: reciprocal(sqrt(add(variance, epsilon))) };
}

export const BatchNorm = defineOp<NormInputs, { epsilon: number }>({
  type: "BatchNorm",
  infer: (inputs) => normalized("BatchNorm", inputs),
  grad: (dy, { inputs, attrs: { epsilon } }) => {
    const { dySum, dyDotCentered, rstd } = sums(dy, inputs, epsilon);
    const scale = mul(inputs[1], rstd);
    const dVariance = mul(mul(dyDotCentered, scale), mul(square(rstd), -0.5));
    return [mul(dy, channels(scale)), mul(dyDotCentered, rstd), dySum, neg(mul(scale, dySum)), dVariance];
  },
});

/** Batch norm whose mean and variance are those of x itself; its gradient by x includes the way through them. */
export const BatchNormTrain = defineOp<NormInputs, { epsilon: number }>({
  type: "BatchNormTrain",
  infer: (inputs) => normalized("BatchNormTrain", inputs),
  grad: (dy, { inputs, attrs: { epsilon } }) => {
    const [x, weight, , mu] = inputs;
    const { dySum, dyDotCentered, rstd } = sums(dy, inputs, epsilon);
    const count = x.size / x.shape[1]!;
    const a = mul(weight, rstd);
    const b = neg(div(mul(a, mul(square(rstd), dyDotCentered)), count));
    const c = neg(add(div(mul(a, dySum), count), mul(b, mu)));
    return [add(mul(dy, channels(a)), ChannelAffine([x, b, c])), mul(dyDotCentered, rstd), dySum, null, null];
  },
});

/** x · scale + shift, both per channel. */
export const ChannelAffine = defineOp<[x: Tensor, scale: Tensor, shift: Tensor]>({
  type: "ChannelAffine",
  infer: ([x, scale, shift]) => {
    expectDType("ChannelAffine", "float32", x, scale, shift);
    expectRank("ChannelAffine", x, 4, "NCHW");
    for (const s of [scale, shift])
      if (s.rank !== 1 || s.shape[0] !== x.shape[1])
        throw new ShapeError(
          `ChannelAffine: expected scale and shift of [${x.shape[1]}] for ${showShape(x.shape)}, but received ${showShape(s.shape)}`,
        );
    return x;
  },
  grad: (dy, { inputs: [x, scale] }) => [mul(dy, channels(scale)), sum(mul(dy, x), [0, 2, 3]), sum(dy, [0, 2, 3])],
});

/** Learned scale and shift of a batch norm, each [C]. */
export interface NormParameters {
  /** Scale of each channel, [C]. */
  readonly weight: Tensor;
  /** Shift of each channel, [C]. */
  readonly bias: Tensor;
}

/**
 * Batch norm with given statistics [C] (Ioffe & Szegedy 2015): (x − mean) / √(variance + ε) · weight + bias. Throws a
 * ShapeError for operands that do not fit.
 * @example const y = batchNorm(x, { weight: w, bias, mean: a, variance: b }); // x [N, C, H, W], all others [C]
 */
export function batchNorm(
  x: Tensor,
  p: NormParameters & { readonly mean: Tensor; readonly variance: Tensor },
  epsilon = 1e-5,
): Tensor {
  return BatchNorm([x, p.weight, p.bias, p.mean, p.variance], { epsilon });
}

/**
 * Batch norm with the statistics of x [N, C, H, W] over N, H and W (biased variance), which it returns too.
 * @example const { y: normed, mean: mu, variance } = batchNormTrain(x, { weight: w, bias });
 */
export function batchNormTrain(
  x: Tensor,
  p: NormParameters,
  epsilon = 1e-5,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  expectRank("BatchNormTrain", x, 4, "NCHW");
  const mu = mean(x, [0, 2, 3], true);
  const variance = mean(square(sub(x, mu)), [0, 2, 3]);
  const flat = reshape(mu, [x.shape[1]!]);
  return { y: BatchNormTrain([x, p.weight, p.bias, flat, variance], { epsilon }), mean: flat, variance };
}
