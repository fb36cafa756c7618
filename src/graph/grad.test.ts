import { describe, expect, test } from "vitest";
import { gradients } from "./grad.ts";
import { relu } from "./ops/activation.ts";
import { conv2d } from "./ops/conv.ts";
import { add, cast, equal, greater, mul, stopGradient, where } from "./ops/elementwise.ts";
import { reshape } from "./ops/movement.ts";
import { batchNormTrain } from "./ops/norm.ts";
import { argMax, sum } from "./ops/reduce.ts";
import { print } from "./print.ts";
import { simplify } from "./simplify.ts";
import { input, type Tensor } from "./tensor.ts";

const zeros = ({ source }: Tensor): boolean => source.kind === "constant" && source.data.every((v) => v === 0);

describe("the graph of a gradient", () => {
  test("of a product that broadcasts", () => {
    const [a, b] = [input("a", [2, 3]), input("b", [3])];
    const y = mul(a, b);
    const [da, db] = gradients(sum(y), [a, b]) as [Tensor, Tensor];
    expect(print(simplify({ y, da, db }))).toMatchInlineSnapshot(`
      "%0 = input a : float32[2, 3]
      %1 = input b : float32[3]
      %2 = Mul(%0, %1) : float32[2, 3]
      %3 = constant 1 : float32[1, 1]
      %4 = Expand(%3, shape=[2,3]) : float32[2, 3]
      %5 = Mul(%4, %1) : float32[2, 3]
      %6 = Mul(%3, %0) : float32[2, 3]
      %7 = ReduceSum(%6, axes=[0], keepDims=false) : float32[3]
      return y = %2, da = %5, db = %7"
    `);
  });

  test("of convolution, batch norm and relu", () => {
    const [x, w] = [input("x", [2, 3, 8, 8]), input("w", [4, 3, 3, 3])];
    const [weight, bias] = [input("weight", [4]), input("bias", [4])];
    const norm = batchNormTrain(conv2d(x, w, null, { padding: 1 }), { weight, bias });
    const loss = sum(relu(norm.y));
    const [dw, dWeight, dBias] = gradients(loss, [w, weight, bias]) as [Tensor, Tensor, Tensor];
    expect(print(simplify({ loss, dw, dWeight, dBias }))).toMatchInlineSnapshot(`
      "%0 = input x : float32[2, 3, 8, 8]
      %1 = input w : float32[4, 3, 3, 3]
      %2 = Conv(%0, %1, –, stride=[1,1], padding=[1,1,1,1], dilation=[1,1], groups=1) : float32[2, 4, 8, 8]
      %3 = input weight : float32[4]
      %4 = input bias : float32[4]
      %5 = ReduceMean(%2, axes=[0,2,3], keepDims=true) : float32[1, 4, 1, 1]
      %6 = Reshape(%5, shape=[4]) : float32[4]
      %7 = Sub(%2, %5) : float32[2, 4, 8, 8]
      %8 = Mul(%7, %7) : float32[2, 4, 8, 8]
      %9 = ReduceMean(%8, axes=[0,2,3], keepDims=false) : float32[4]
      %10 = BatchNormTrain(%2, %3, %4, %6, %9, epsilon=0.00001) : float32[2, 4, 8, 8]
      %11 = Relu(%10) : float32[2, 4, 8, 8]
      %12 = ReduceSum(%11, axes=[0,1,2,3], keepDims=false) : float32[]
      %13 = constant 1 : float32[1, 1, 1, 1]
      %14 = Expand(%13, shape=[2,4,8,8]) : float32[2, 4, 8, 8]
      %15 = ReluGrad(%14, %11) : float32[2, 4, 8, 8]
      %16 = constant 0.000009999999747378752 : float32[]
      %17 = Add(%9, %16) : float32[4]
      %18 = Sqrt(%17) : float32[4]
      %19 = Reciprocal(%18) : float32[4]
      %20 = Mul(%3, %19) : float32[4]
      %21 = Reshape(%20, shape=[1,4,1,1]) : float32[1, 4, 1, 1]
      %22 = Mul(%15, %21) : float32[2, 4, 8, 8]
      %23 = Mul(%19, %19) : float32[4]
      %24 = Mul(%15, %2) : float32[2, 4, 8, 8]
      %25 = ReduceSum(%24, axes=[0,2,3], keepDims=false) : float32[4]
      %26 = ReduceSum(%15, axes=[0,2,3], keepDims=false) : float32[4]
      %27 = Mul(%6, %26) : float32[4]
      %28 = Sub(%25, %27) : float32[4]
      %29 = Mul(%23, %28) : float32[4]
      %30 = Mul(%20, %29) : float32[4]
      %31 = constant 128 : float32[]
      %32 = Div(%30, %31) : float32[4]
      %33 = Neg(%32) : float32[4]
      %34 = Mul(%20, %26) : float32[4]
      %35 = Div(%34, %31) : float32[4]
      %36 = Mul(%33, %6) : float32[4]
      %37 = Add(%35, %36) : float32[4]
      %38 = Neg(%37) : float32[4]
      %39 = ChannelAffine(%2, %33, %38) : float32[2, 4, 8, 8]
      %40 = Add(%22, %39) : float32[2, 4, 8, 8]
      %41 = ConvWeightGrad(%0, %40, stride=[1,1], padding=[1,1,1,1], dilation=[1,1], groups=1, kernel=[3,3]) : float32[4, 3, 3, 3]
      %42 = Mul(%28, %19) : float32[4]
      return loss = %12, dw = %41, dWeight = %42, dBias = %26"
    `);
  });
});

describe("gradients", () => {
  const x = input("x", [2, 3]);

  test("by what the loss does not depend on are zeros", () => {
    const unused = input("unused", [4, 1]);
    const [dx, other] = gradients(sum(x), [x, unused]) as [Tensor, Tensor];
    expect(dx.shape).toEqual([2, 3]);
    expect(other.shape).toEqual([4, 1]);
    expect(zeros(other)).toBe(true);
  });

  test.each([
    ["stopGradient", sum(stopGradient(x))],
    ["a comparison", sum(cast(greater(x, 0), "float32"))],
    ["a class index", sum(cast(argMax(x, 1), "float32"))],
    ["the condition of where", sum(where(equal(x, 1), input("a", [3]), 0))],
  ])("do not flow through %s", (_, loss) => {
    expect(zeros(gradients(loss, [x])[0]!)).toBe(true);
  });

  test("are summed over all uses of a tensor", () => {
    const [dx] = gradients(sum(add(x, mul(x, x))), [x]) as [Tensor];
    expect(print(simplify({ dx }))).toMatchInlineSnapshot(`
      "%0 = constant 1 : float32[1, 1]
      %1 = input x : float32[2, 3]
      %2 = Mul(%0, %1) : float32[2, 3]
      %3 = Add(%0, %2) : float32[2, 3]
      %4 = Add(%3, %2) : float32[2, 3]
      return dx = %4"
    `);
  });

  test("have the shape of the operand, however it was broadcast", () => {
    for (const shape of [[], [1], [3], [2, 1], [1, 3], [2, 3], [1, 1, 1, 3]]) {
      const y = input("y", shape);
      expect(gradients(sum(mul(x, y)), [y])[0]!.shape).toEqual(shape);
    }
  });

  test("by a tensor in the middle and by the loss itself", () => {
    const y = mul(x, 2);
    const loss = sum(y);
    const [dy, dLoss] = gradients(loss, [y, loss]) as [Tensor, Tensor];
    expect(dy.shape).toEqual([2, 3]);
    expect(dLoss.source).toMatchObject({ kind: "constant", data: Float32Array.of(1) });
  });

  test("of a loss with one element and axes", () => {
    expect(gradients(reshape(sum(x), [1, 1]), [x])[0]!.shape).toEqual([2, 3]);
  });

  test("reach through more operators than the call stack holds", () => {
    let y = input("y", []);
    const first = y;
    for (let i = 0; i < 20_000; i++) y = add(y, 1);
    expect(gradients(y, [first])[0]!.shape).toEqual([]);
  });

  test("need a float32 scalar", () => {
    expect(() => gradients(x, [x])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: gradients: expected a float32 scalar loss, but received float32[2, 3]]`,
    );
    expect(() => gradients(sum(input("n", [3], "int32")), [x])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: gradients: expected a float32 scalar loss, but received int32[]]`,
    );
  });
});
