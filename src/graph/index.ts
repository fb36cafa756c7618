// Symbolic tensors.
export { constant, full, input, iota, scalar, type Source, Tensor, type TensorType } from "./tensor.ts";
export type { ArrayOf, DType, TensorData } from "./dtype.ts";
export type { Shape } from "./shape.ts";

// What one does with a graph.
export { gradients } from "./grad.ts";
export { print } from "./print.ts";
export { simplify } from "./simplify.ts";
export { ops, type OpName } from "./ops/index.ts";

// Operators, a function each.
export {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  equal,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  type Operand,
  pow,
  reciprocal,
  sqrt,
  square,
  stopGradient,
  sub,
  where,
} from "./ops/elementwise.ts";
export {
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  relu,
  relu6,
  sigmoid,
  softmax,
  tanh,
} from "./ops/activation.ts";
export { argMax, max, mean, min, sum } from "./ops/reduce.ts";
export { matmul, transposeLast } from "./ops/matmul.ts";
export { concat, expand, pad, padEdge, type Padding, padReflect, reshape, slice, transpose } from "./ops/movement.ts";
export { gather } from "./ops/gather.ts";
export { argSort, takeAlong } from "./ops/sort.ts";
export { cumSum } from "./ops/scan.ts";
export { oneHot } from "./ops/one-hot.ts";
export { conv2d, type ConvOptions, convTranspose2d, type PaddedConvOptions, type Size2d } from "./ops/conv.ts";
export { avgPool2d, globalAvgPool2d, maxPool2d, type PoolOptions } from "./ops/pool.ts";
export { batchNorm, batchNormTrain, type NormParameters } from "./ops/norm.ts";
export { resize, type ResizeMode } from "./ops/resize.ts";
export { pixelShuffle, pixelUnshuffle } from "./ops/shuffle.ts";
