import * as activation from "./activation.ts";
import * as conv from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import * as gather from "./gather.ts";
import * as matmul from "./matmul.ts";
import * as movement from "./movement.ts";
import * as norm from "./norm.ts";
import * as pool from "./pool.ts";
import * as reduce from "./reduce.ts";
import * as resize from "./resize.ts";
import * as scan from "./scan.ts";
import * as shuffle from "./shuffle.ts";
import * as sort from "./sort.ts";

/**
 * Every operator of the graph by its type. Lowerings and tests are tables over these names: a missing entry does not
 * compile.
 */
export const ops = {
  Add: elementwise.Add,
  Sub: elementwise.Sub,
  Mul: elementwise.Mul,
  Div: elementwise.Div,
  Pow: elementwise.Pow,
  Maximum: elementwise.Maximum,
  Minimum: elementwise.Minimum,
  Neg: elementwise.Neg,
  Exp: elementwise.Exp,
  Log: elementwise.Log,
  Sqrt: elementwise.Sqrt,
  Reciprocal: elementwise.Reciprocal,
  Abs: elementwise.Abs,
  Clip: elementwise.Clip,
  Equal: elementwise.Equal,
  Greater: elementwise.Greater,
  GreaterOrEqual: elementwise.GreaterOrEqual,
  Less: elementwise.Less,
  LessOrEqual: elementwise.LessOrEqual,
  And: elementwise.And,
  Not: elementwise.Not,
  Where: elementwise.Where,
  Cast: elementwise.Cast,
  StopGradient: elementwise.StopGradient,
  Relu: activation.Relu,
  ReluGrad: activation.ReluGrad,
  LeakyRelu: activation.LeakyRelu,
  Sigmoid: activation.Sigmoid,
  Tanh: activation.Tanh,
  Softmax: activation.Softmax,
  LogSoftmax: activation.LogSoftmax,
  ReduceSum: reduce.ReduceSum,
  ReduceMean: reduce.ReduceMean,
  ReduceMax: reduce.ReduceMax,
  ReduceMin: reduce.ReduceMin,
  ArgMax: reduce.ArgMax,
  MatMul: matmul.MatMul,
  Reshape: movement.Reshape,
  Transpose: movement.Transpose,
  Expand: movement.Expand,
  Concat: movement.Concat,
  Slice: movement.Slice,
  SliceGrad: movement.SliceGrad,
  Pad: movement.Pad,
  Gather: gather.Gather,
  ScatterAdd: gather.ScatterAdd,
  ArgSort: sort.ArgSort,
  TakeAlong: sort.TakeAlong,
  TakeAlongGrad: sort.TakeAlongGrad,
  CumSum: scan.CumSum,
  Conv: conv.Conv,
  ConvTranspose: conv.ConvTranspose,
  ConvWeightGrad: conv.ConvWeightGrad,
  MaxPool: pool.MaxPool,
  MaxPoolGrad: pool.MaxPoolGrad,
  AveragePool: pool.AveragePool,
  PixelShuffle: shuffle.PixelShuffle,
  PixelUnshuffle: shuffle.PixelUnshuffle,
  Resize: resize.Resize,
  BatchNorm: norm.BatchNorm,
  BatchNormTrain: norm.BatchNormTrain,
  ChannelAffine: norm.ChannelAffine,
} as const;

/** The type of an operator, such as "Conv". */
export type OpName = keyof typeof ops;
