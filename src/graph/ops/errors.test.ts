import { expect, test } from "vitest";
import { ShapeError } from "../../util/errors.ts";
import { constant, input, type Tensor } from "../tensor.ts";
import * as activation from "./activation.ts";
import { conv2d, ConvTranspose, convTranspose2d, ConvWeightGrad, Conv } from "./conv.ts";
import * as e from "./elementwise.ts";
import { gather, ScatterAdd } from "./gather.ts";
import { type OpName } from "./index.ts";
import { matmul } from "./matmul.ts";
import * as m from "./movement.ts";
import { batchNorm, batchNormTrain, ChannelAffine } from "./norm.ts";
import { oneHot } from "./one-hot.ts";
import { avgPool2d, maxPool2d, MaxPoolGrad } from "./pool.ts";
import { argMax, max, mean, min, sum } from "./reduce.ts";
import { resize } from "./resize.ts";
import { cumSum } from "./scan.ts";
import { pixelShuffle, pixelUnshuffle } from "./shuffle.ts";
import { argSort, takeAlong, TakeAlongGrad } from "./sort.ts";

type Attempt = () => Tensor;

const x = input("x", [2, 3]);
const ids = input("ids", [2, 3], "int32");
const bytes = input("bytes", [2, 3], "uint8");
const flags = input("flags", [2, 3], "bool");
const picture = input("picture", [1, 3, 5, 7]);
const vector = (n: number): Tensor => input("vector", [n]);
const tensor = (...shape: number[]): Tensor => input("tensor", shape);

const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
const window = { kernel: [2, 2], stride: [2, 2], padding: [0, 0] } as const;

const arithmetic = (apply: (a: Tensor, b: Tensor) => Tensor): Attempt[] => [
  () => apply(x, tensor(3, 2)),
  () => apply(x, ids),
  () => apply(bytes, bytes),
];

/** Calls that each operator refuses; those without one take any tensor. */
const refused: Record<OpName, readonly Attempt[]> = {
  Add: [...arithmetic(e.add), () => e.add(flags, flags), () => e.add(bytes, 1), () => e.add(1.5, ids)],
  Sub: arithmetic(e.sub),
  Mul: arithmetic(e.mul),
  Div: arithmetic(e.div),
  Pow: arithmetic(e.pow),
  Maximum: arithmetic(e.maximum),
  Minimum: arithmetic(e.minimum),
  Neg: [() => e.neg(flags)],
  Exp: [() => e.exp(ids)],
  Log: [() => e.log(ids)],
  Sqrt: [() => e.sqrt(ids)],
  Reciprocal: [() => e.reciprocal(ids)],
  Abs: [() => e.abs(ids)],
  Clip: [() => e.clip(ids, 0, 1)],
  Equal: [() => e.equal(x, tensor(3, 2)), () => e.equal(x, ids), () => oneHot(x, 3, 1), () => oneHot(ids, 3, 4)],
  Greater: arithmetic(e.greater),
  GreaterOrEqual: arithmetic(e.greaterOrEqual),
  Less: arithmetic(e.less),
  LessOrEqual: arithmetic(e.lessOrEqual),
  And: [() => e.and(flags, ids), () => e.and(flags, input("f", [3, 2], "bool"))],
  Not: [() => e.not(x)],
  Where: [
    () => e.where(ids, x, x),
    () => e.where(flags, x, ids),
    () => e.where(flags, x, tensor(4, 3)),
    () => e.where(input("f", [4, 3], "bool"), x, x),
    () => e.where(flags, flags, flags),
  ],
  Cast: [],
  StopGradient: [],
  Relu: [() => activation.relu(ids)],
  ReluGrad: [() => activation.ReluGrad([x, tensor(3)]), () => activation.ReluGrad([x, ids])],
  LeakyRelu: [() => activation.leakyRelu(ids)],
  Sigmoid: [() => activation.sigmoid(ids)],
  Tanh: [() => activation.tanh(ids)],
  Softmax: [() => activation.softmax(ids, 0), () => activation.softmax(x, 2)],
  LogSoftmax: [() => activation.logSoftmax(ids, 0), () => activation.logSoftmax(x, -3)],
  ReduceSum: [() => sum(x, [2]), () => sum(x, [0, -2]), () => sum(flags)],
  ReduceMean: [() => mean(ids), () => mean(x, [5])],
  ReduceMax: [() => max(x, [-3]), () => max(bytes)],
  ReduceMin: [() => min(x, [1, 1]), () => min(flags)],
  ArgMax: [() => argMax(x, 2), () => argMax(flags, 0)],
  MatMul: [
    () => matmul(x, x),
    () => matmul(x, tensor(2, 3), { transposeA: true, transposeB: true }),
    () => matmul(x, vector(3)),
    () => matmul(tensor(2, 3, 4), tensor(3, 4, 5)),
    () => matmul(x, ids, { transposeB: true }),
  ],
  Reshape: [() => m.reshape(x, [4, 2])],
  Transpose: [() => m.transpose(x, [0, 0]), () => m.transpose(x, [0]), () => m.transpose(x, [1, 2])],
  Expand: [() => m.expand(x, [2, 4]), () => m.expand(x, [3]), () => m.expand(x, [1, 3])],
  Concat: [
    () => m.concat([], 0),
    () => m.concat([x, tensor(2, 4)], 0),
    () => m.concat([x, tensor(2, 3, 1)], 0),
    () => m.concat([x, ids], 0),
    () => m.concat([x, x], 2),
  ],
  Slice: [
    () => m.slice(x, 1, 0, 4),
    () => m.slice(x, 1, -1, 2),
    () => m.slice(x, 1, 2, 1),
    () => m.slice(x, 1, 0, 3, 0),
    () => m.slice(x, 1, 0.5, 3),
    () => m.slice(x, 2, 0, 1),
  ],
  SliceGrad: [
    () => m.SliceGrad([x], { axis: 1, start: 0, stop: 3, step: 2, length: 5 }),
    () => m.SliceGrad([ids], { axis: 1, start: 0, stop: 3, step: 1, length: 5 }),
  ],
  Pad: [
    () => m.pad(x, [[1, 1]]),
    () =>
      m.pad(x, [
        [0, -1],
        [0, 0],
      ]),
    () =>
      m.pad(ids, [
        [0, 1],
        [0, 0],
      ]),
  ],
  Gather: [() => gather(x, x, 0), () => gather(x, ids, 2)],
  ScatterAdd: [
    () => ScatterAdd([x, ids], { axis: 1, length: 4 }),
    () => ScatterAdd([ids, ids], { axis: 0, length: 4 }),
    () => ScatterAdd([x, x], { axis: 0, length: 4 }),
  ],
  ArgSort: [() => argSort(bytes, 0), () => argSort(x, 2)],
  TakeAlong: [
    () => takeAlong(x, x, 0),
    () => takeAlong(x, input("i", [3, 2], "int32"), 0),
    () => takeAlong(flags, ids, 0),
    () => takeAlong(x, ids, -3),
  ],
  TakeAlongGrad: [
    () => TakeAlongGrad([x, input("i", [2, 2], "int32")], { axis: 1, length: 4 }),
    () => TakeAlongGrad([ids, ids], { axis: 0, length: 4 }),
    () => TakeAlongGrad([x, x], { axis: 0, length: 4 }),
  ],
  CumSum: [() => cumSum(flags, 0), () => cumSum(x, 2)],
  Conv: [
    () => conv2d(picture, tensor(4, 2, 3, 3)),
    () => conv2d(picture, tensor(4, 3, 3, 3), null, { groups: 3 }),
    () => conv2d(input("six", [1, 6, 5, 5]), tensor(4, 2, 3, 3), null, { groups: 3 }),
    () => conv2d(picture, tensor(4, 3, 3, 3), vector(3)),
    () => conv2d(picture, tensor(4, 3, 6, 3)),
    () => conv2d(picture, tensor(4, 3, 3, 3), null, { dilation: 3 }),
    () => conv2d(x, tensor(4, 3, 3, 3)),
    () => conv2d(picture, x),
    () => conv2d(picture, input("w", [4, 3, 3, 3], "int32")),
    () => Conv([picture, tensor(4, 3, 1, 1), input("b", [4], "int32")], plain),
  ],
  ConvTranspose: [
    () => convTranspose2d(picture, tensor(4, 3, 2, 2)),
    () => convTranspose2d(picture, tensor(3, 2, 2, 2), { groups: 2 }),
    () => convTranspose2d(picture, tensor(3, 2, 2, 2), { stride: 2, outputPadding: 2 }),
    () => convTranspose2d(x, tensor(3, 2, 2, 2)),
    () => ConvTranspose([picture, tensor(3, 2, 2, 2)], { ...plain, size: [5, 8] }),
  ],
  ConvWeightGrad: [
    () => ConvWeightGrad([picture, tensor(1, 4, 5, 7)], { ...plain, kernel: [3, 3] }),
    () => ConvWeightGrad([picture, tensor(2, 4, 3, 5)], { ...plain, kernel: [3, 3] }),
    () => ConvWeightGrad([picture, tensor(1, 4, 3, 5)], { ...plain, kernel: [3, 3], groups: 3 }),
    () => ConvWeightGrad([x, tensor(1, 4, 3, 5)], { ...plain, kernel: [3, 3] }),
  ],
  MaxPool: [
    () => maxPool2d(picture, 6),
    () => maxPool2d(picture, 2, { padding: 2 }),
    () => maxPool2d(x, 2),
    () => maxPool2d(ids, 2),
  ],
  MaxPoolGrad: [
    () => MaxPoolGrad([picture, tensor(1, 3, 2, 2)], window),
    () => MaxPoolGrad([picture, input("dy", [1, 3, 2, 3], "int32")], window),
  ],
  AveragePool: [() => avgPool2d(picture, [2, 8]), () => avgPool2d(x, 2)],
  PixelShuffle: [() => pixelShuffle(picture, 2), () => pixelShuffle(x, 1)],
  PixelUnshuffle: [() => pixelUnshuffle(picture, 2), () => pixelUnshuffle(x, 1)],
  Resize: [() => resize(picture, [0, 4], "nearest"), () => resize(x, [2, 2], "bilinear")],
  BatchNorm: [
    () => batchNorm(picture, { weight: vector(3), bias: vector(3), mean: vector(4), variance: vector(3) }),
    () => batchNorm(x, { weight: vector(3), bias: vector(3), mean: vector(3), variance: vector(3) }),
  ],
  BatchNormTrain: [
    () => batchNormTrain(picture, { weight: vector(4), bias: vector(3) }).y,
    () => batchNormTrain(x, { weight: vector(3), bias: vector(3) }).y,
  ],
  ChannelAffine: [
    () => ChannelAffine([picture, vector(3), vector(1)]),
    () => ChannelAffine([picture, vector(3), input("shift", [3], "int32")]),
    () => ChannelAffine([x, vector(3), vector(3)]),
  ],
};

const attempts = Object.entries(refused).flatMap(([type, calls]) => calls.map((call) => ({ type, call })));

test("every refusal is a ShapeError that begins with the operator and says what came", () => {
  for (const { type, call } of attempts) {
    expect(call, type).toThrow(ShapeError);
    expect(call, type).toThrow(new RegExp(`^(${type}|scalar|oneHot): expected .* but received `));
  }
});

test("what operators say to operands they refuse", () => {
  const messages = attempts.map(({ call }) => {
    try {
      return `accepted ${call()}`;
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "Add: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Add: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Add: expected float32, int32 or int64, but received uint8[2, 3]
    Add: expected float32, int32 or int64, but received bool[2, 3]
    Add: expected float32, int32 or int64, but received uint8[2, 3]
    scalar: expected a whole number beside int32[2, 3], but received 1.5
    Sub: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Sub: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Sub: expected float32, int32 or int64, but received uint8[2, 3]
    Mul: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Mul: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Mul: expected float32, int32 or int64, but received uint8[2, 3]
    Div: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Div: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Div: expected float32, int32 or int64, but received uint8[2, 3]
    Pow: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Pow: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Pow: expected float32, int32 or int64, but received uint8[2, 3]
    Maximum: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Maximum: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Maximum: expected float32, int32 or int64, but received uint8[2, 3]
    Minimum: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Minimum: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Minimum: expected float32, int32 or int64, but received uint8[2, 3]
    Neg: expected float32, int32 or int64, but received bool[2, 3]
    Exp: expected float32, but received int32[2, 3]
    Log: expected float32, but received int32[2, 3]
    Sqrt: expected float32, but received int32[2, 3]
    Reciprocal: expected float32, but received int32[2, 3]
    Abs: expected float32, but received int32[2, 3]
    Clip: expected float32, but received int32[2, 3]
    Equal: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Equal: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    oneHot: expected int32, but received float32[2, 3]
    oneHot: expected an axis in [-3, 2], but received 4
    Greater: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Greater: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Greater: expected float32, int32 or int64, but received uint8[2, 3]
    GreaterOrEqual: expected shapes that broadcast, but received [2, 3] and [3, 2]
    GreaterOrEqual: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    GreaterOrEqual: expected float32, int32 or int64, but received uint8[2, 3]
    Less: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Less: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Less: expected float32, int32 or int64, but received uint8[2, 3]
    LessOrEqual: expected shapes that broadcast, but received [2, 3] and [3, 2]
    LessOrEqual: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    LessOrEqual: expected float32, int32 or int64, but received uint8[2, 3]
    And: expected bool, but received int32[2, 3]
    And: expected shapes that broadcast, but received [2, 3] and [3, 2]
    Not: expected bool, but received float32[2, 3]
    Where: expected bool, but received int32[2, 3]
    Where: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Where: expected shapes that broadcast, but received [2, 3] and [4, 3]
    Where: expected shapes that broadcast, but received [4, 3] and [2, 3]
    Where: expected float32, int32 or int64, but received bool[2, 3]
    Relu: expected float32, but received int32[2, 3]
    ReluGrad: expected equal shapes, but received [2, 3] and [3]
    ReluGrad: expected float32, but received int32[2, 3]
    LeakyRelu: expected float32, but received int32[2, 3]
    Sigmoid: expected float32, but received int32[2, 3]
    Tanh: expected float32, but received int32[2, 3]
    Softmax: expected float32, but received int32[2, 3]
    Softmax: expected an axis in [-2, 1], but received 2
    LogSoftmax: expected float32, but received int32[2, 3]
    LogSoftmax: expected an axis in [-2, 1], but received -3
    ReduceSum: expected an axis in [-2, 1], but received 2
    ReduceSum: expected distinct axes, but received [0, -2]
    ReduceSum: expected float32, int32 or int64, but received bool[2, 3]
    ReduceMean: expected float32, but received int32[2, 3]
    ReduceMean: expected an axis in [-2, 1], but received 5
    ReduceMax: expected an axis in [-2, 1], but received -3
    ReduceMax: expected float32, int32 or int64, but received uint8[2, 3]
    ReduceMin: expected distinct axes, but received [1, 1]
    ReduceMin: expected float32, int32 or int64, but received bool[2, 3]
    ArgMax: expected an axis in [-2, 1], but received 2
    ArgMax: expected float32, int32 or int64, but received bool[2, 3]
    MatMul: expected […, m, k] and […, k, n], but received [2, 3] and [2, 3]
    MatMul: expected […, m, k] and […, k, n], but received [3, 2] and [3, 2]
    MatMul: expected […, m, k] and […, k, n], but received [2, 3] and [3]
    MatMul: expected […, m, k] and […, k, n], but received [2, 3, 4] and [3, 4, 5]
    MatMul: expected float32, but received int32[2, 3]
    Reshape: expected 6 elements as in [2, 3], but received [4, 2]
    Transpose: expected an order of the 2 axes of [2, 3], but received [0, 0]
    Transpose: expected an order of the 2 axes of [2, 3], but received [0]
    Transpose: expected an order of the 2 axes of [2, 3], but received [1, 2]
    Expand: expected shapes that broadcast, but received [2, 3] and [2, 4]
    Expand: expected a shape that [2, 3] broadcasts to, but received [3]
    Expand: expected a shape that [2, 3] broadcasts to, but received [1, 3]
    Concat: expected at least one operand, but received none
    Concat: expected shapes that differ only in axis 0, but received [2, 3] and [2, 4]
    Concat: expected shapes that differ only in axis 0, but received [2, 3] and [2, 3, 1]
    Concat: expected operands of one dtype, but received float32[2, 3] and int32[2, 3]
    Concat: expected an axis in [-2, 1], but received 2
    Slice: expected a range inside [0, 3] of axis 1 of [2, 3], but received 0:4:1
    Slice: expected a range inside [0, 3] of axis 1 of [2, 3], but received -1:2:1
    Slice: expected a range inside [0, 3] of axis 1 of [2, 3], but received 2:1:1
    Slice: expected a range inside [0, 3] of axis 1 of [2, 3], but received 0:3:0
    Slice: expected a range inside [0, 3] of axis 1 of [2, 3], but received 0.5:3:1
    Slice: expected an axis in [-2, 1], but received 2
    SliceGrad: expected 2 elements (0:3:2) on axis 1, but received [2, 3]
    SliceGrad: expected float32, but received int32[2, 3]
    Pad: expected 2 pairs of sizes ≥ 0 for [2, 3], but received [[1,1]]
    Pad: expected 2 pairs of sizes ≥ 0 for [2, 3], but received [[0,-1],[0,0]]
    Pad: expected float32, but received int32[2, 3]
    Gather: expected int32, but received float32[2, 3]
    Gather: expected an axis in [-2, 1], but received 2
    ScatterAdd: expected dy to have the axes of the indices [2, 3] from axis 1 on, but received [2, 3]
    ScatterAdd: expected float32, but received int32[2, 3]
    ScatterAdd: expected int32, but received float32[2, 3]
    ArgSort: expected float32, int32 or int64, but received uint8[2, 3]
    ArgSort: expected an axis in [-2, 1], but received 2
    TakeAlong: expected int32, but received float32[2, 3]
    TakeAlong: expected indices that differ from [2, 3] in axis 0 only, but received [3, 2]
    TakeAlong: expected float32, int32 or int64, but received bool[2, 3]
    TakeAlong: expected an axis in [-2, 1], but received -3
    TakeAlongGrad: expected an index for each element of [2, 3], but received [2, 2]
    TakeAlongGrad: expected float32, but received int32[2, 3]
    TakeAlongGrad: expected int32, but received float32[2, 3]
    CumSum: expected float32, int32 or int64, but received bool[2, 3]
    CumSum: expected an axis in [-2, 1], but received 2
    Conv: expected 2 input channels (weight [4, 2, 3, 3], groups 1), but received [1, 3, 5, 7]
    Conv: expected channels that 3 groups divide, but received [1, 3, 5, 7] and [4, 3, 3, 3]
    Conv: expected channels that 3 groups divide, but received [1, 6, 5, 5] and [4, 2, 3, 3]
    Conv: expected a bias of [4] for weight [4, 3, 3, 3], but received [3]
    Conv: expected an input of at least the kernel's reach 6×3 (padding 0, 0, 0, 0), but received [1, 3, 5, 7]
    Conv: expected an input of at least the kernel's reach 7×7 (padding 0, 0, 0, 0), but received [1, 3, 5, 7]
    Conv: expected 4 axes (NCHW), but received [2, 3]
    Conv: expected 4 axes (out, in / groups, height, width), but received [2, 3]
    Conv: expected float32, but received int32[4, 3, 3, 3]
    Conv: expected float32, but received int32[4]
    ConvTranspose: expected 4 input channels (weight [4, 3, 2, 2]), but received [1, 3, 5, 7]
    ConvTranspose: expected channels that 2 groups divide, but received [1, 3, 5, 7] and [3, 2, 2, 2]
    ConvTranspose: expected 6×8 inputs for outputs of 12×16, but received [1, 3, 5, 7]
    ConvTranspose: expected 4 axes (NCHW), but received [2, 3]
    ConvTranspose: expected 4×7 inputs for outputs of 5×8, but received [1, 3, 5, 7]
    ConvWeightGrad: expected dy of [1, …, 3, 5] for [1, 3, 5, 7], but received [1, 4, 5, 7]
    ConvWeightGrad: expected dy of [1, …, 3, 5] for [1, 3, 5, 7], but received [2, 4, 3, 5]
    ConvWeightGrad: expected channels that 3 groups divide, but received [1, 3, 5, 7] and [1, 4, 3, 5]
    ConvWeightGrad: expected 4 axes (NCHW), but received [2, 3]
    MaxPool: expected an input of at least 6×6, but received [1, 3, 5, 7]
    MaxPool: expected padding of at most half the kernel 2×2, but received 2×2
    MaxPool: expected 4 axes (NCHW), but received [2, 3]
    MaxPool: expected float32, but received int32[2, 3]
    MaxPoolGrad: expected dy of [1, 3, 2, 3] for [1, 3, 5, 7], but received [1, 3, 2, 2]
    MaxPoolGrad: expected float32, but received int32[1, 3, 2, 3]
    AveragePool: expected an input of at least 2×8, but received [1, 3, 5, 7]
    AveragePool: expected 4 axes (NCHW), but received [2, 3]
    PixelShuffle: expected channels that 4 divides, but received [1, 3, 5, 7]
    PixelShuffle: expected 4 axes (NCHW), but received [2, 3]
    PixelUnshuffle: expected a height and width that 2 divides, but received [1, 3, 5, 7]
    PixelUnshuffle: expected 4 axes (NCHW), but received [2, 3]
    Resize: expected a size of at least 1×1 for [1, 3, 5, 7], but received 0×4
    Resize: expected 4 axes (NCHW), but received [2, 3]
    BatchNorm: expected weight, bias, mean and variance of [3] for [1, 3, 5, 7], but received [4]
    BatchNorm: expected 4 axes (NCHW), but received [2, 3]
    BatchNormTrain: expected weight, bias, mean and variance of [3] for [1, 3, 5, 7], but received [4]
    BatchNormTrain: expected 4 axes (NCHW), but received [2, 3]
    ChannelAffine: expected scale and shift of [3] for [1, 3, 5, 7], but received [1]
    ChannelAffine: expected float32, but received int32[3]
    ChannelAffine: expected 4 axes (NCHW), but received [2, 3]"
  `);
});

test("mirror padding as wide as the picture is refused", () => {
  const wide = [
    [0, 0],
    [0, 3],
  ] as const;
  expect(() => m.padReflect(x, wide)).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: padReflect: expected padding below 3 on axis 1, but received 0 and 3]`,
  );
});

test("constants hold as many values as their shape and of their dtype", () => {
  expect(() => constant(new Float32Array(5), [2, 3])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: constant: expected 6 values for [2, 3], but received 5]`,
  );
  expect(() => constant(new Float32Array(6), [2, 3], "int32")).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: constant: expected an array that holds int32, but received Float32Array]`,
  );
  expect(() => input("x", [2, -1])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: tensor: expected sizes that are whole numbers, but received [2, -1]]`,
  );
  expect(() => input("x", [2.5])).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: tensor: expected sizes that are whole numbers, but received [2.5]]`,
  );
});
