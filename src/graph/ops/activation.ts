import { expectDType, expectSameShape } from "../expect.ts";
import { defineOp } from "../op.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, clip, exp, greater, mul, neg, sub, where } from "./elementwise.ts";
import { sum } from "./reduce.ts";

function floating(type: string, x: Tensor): TensorType {
  expectDType(type, "float32", x);
  return { shape: x.shape, dtype: "float32" };
}

export const Relu = defineOp<[x: Tensor]>({
  type: "Relu",
  infer: ([x]) => floating("Relu", x),
  grad: (dy, { output }) => [ReluGrad([dy, output])],
});

/** dy where y > 0, else 0; an operator of its own because backends differ in the fastest way to say it. */
export const ReluGrad = defineOp<[dy: Tensor, y: Tensor]>({
  type: "ReluGrad",
  infer: ([dy, y]) => {
    expectDType("ReluGrad", "float32", dy, y);
    expectSameShape("ReluGrad", dy, y);
    return { shape: dy.shape, dtype: "float32" };
  },
  grad: (ddx, { inputs: [, y] }): [Tensor, null] => [ReluGrad([ddx, y]), null],
});

export const LeakyRelu = defineOp<[x: Tensor], { slope: number }>({
  type: "LeakyRelu",
  infer: ([x]) => floating("LeakyRelu", x),
  grad: (dy, { inputs: [x], attrs: { slope } }) => [where(greater(x, 0), dy, mul(dy, slope))],
});

export const Sigmoid = defineOp<[x: Tensor]>({
  type: "Sigmoid",
  infer: ([x]) => floating("Sigmoid", x),
  grad: (dy, { output: y }) => [mul(dy, mul(y, sub(1, y)))],
});

export const Tanh = defineOp<[x: Tensor]>({
  type: "Tanh",
  infer: ([x]) => floating("Tanh", x),
  grad: (dy, { output: y }) => [mul(dy, sub(1, mul(y, y)))],
});

export const Softmax = defineOp<[x: Tensor], { axis: number }>({
  type: "Softmax",
  infer: ([x]) => floating("Softmax", x),
  grad: (dy, { output: y, attrs: { axis } }) => {
    const weighted = mul(dy, y);
    return [add(weighted, neg(mul(y, sum(weighted, [axis], true))))];
  },
});

export const LogSoftmax = defineOp<[x: Tensor], { axis: number }>({
  type: "LogSoftmax",
  infer: ([x]) => floating("LogSoftmax", x),
  grad: (dy, { output: y, attrs: { axis } }) => [sub(dy, mul(exp(y), sum(dy, [axis], true)))],
});

/**
 * max(x, 0), with gradient 0 at 0.
 * @example const y = relu(x);
 */
export const relu = (x: Tensor): Tensor => Relu([x]);
/**
 * x where x > 0, else slope · x.
 * @example const y = leakyRelu(x, 0.1);
 */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => LeakyRelu([x], { slope });
/**
 * 1 / (1 + e^−x), in (0, 1).
 * @example const y = sigmoid(x);
 */
export const sigmoid = (x: Tensor): Tensor => Sigmoid([x]);
/**
 * Hyperbolic tangent, in (−1, 1).
 * @example const y = tanh(x);
 */
export const tanh = (x: Tensor): Tensor => Tanh([x]);
/**
 * e^x / Σ e^x along an axis, counted from the end if negative: values in [0, 1] whose sum is 1.
 * @example const probabilities = softmax(x, 1); // x [N, C, H, W]
 */
export const softmax = (x: Tensor, axis: number): Tensor =>
  Softmax([x], { axis: normalizeAxis("Softmax", axis, x.rank) });
/**
 * log(softmax(x)) along an axis, without overflow.
 * @example const nll = neg(logSoftmax(x, 1)); // x [N, C, H, W]
 */
export const logSoftmax = (x: Tensor, axis: number): Tensor =>
  LogSoftmax([x], { axis: normalizeAxis("LogSoftmax", axis, x.rank) });
/**
 * x held inside [0, 6] (Krizhevsky 2010).
 * @example const y = relu6(x);
 */
export const relu6 = (x: Tensor): Tensor => clip(x, 0, 6);
/**
 * x / 6 + 1/2 held inside [0, 1]: a sigmoid of straight lines (Howard et al. 2019).
 * @example const y = hardSigmoid(x);
 */
export const hardSigmoid = (x: Tensor): Tensor => clip(add(mul(x, 1 / 6), 0.5), 0, 1);
/**
 * x · hardSigmoid(x) (Howard et al. 2019).
 * @example const y = hardSwish(x);
 */
export const hardSwish = (x: Tensor): Tensor => mul(x, hardSigmoid(x));
