import { hardSigmoid, hardSwish, relu6 } from "../../../src/graph/ops/activation.ts";
import { ops } from "../../../src/graph/ops/index.ts";
import * as e from "../../../src/graph/ops/elementwise.ts";
import { oneHot } from "../../../src/graph/ops/one-hot.ts";
import type { Tensor } from "../../../src/graph/tensor.ts";
import { bools, distinct, integers, type Leaf, spans, uniform } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

type Binary = (a: Tensor, b: Tensor) => Tensor;

/** Shapes that broadcast in every way there is. */
const broadcasts = {
  "same shape": [
    [2, 3, 5],
    [2, 3, 5],
  ],
  "both broadcast": [
    [3, 1, 5],
    [4, 1],
  ],
  "a scalar": [[], [2, 3]],
  "no axes": [[], []],
  "ones in front": [
    [1, 1, 3],
    [2, 1, 1, 3],
  ],
} as const;

/** A binary function over all broadcasts; `a` and `b` give the leaves. */
function binary(
  type: string,
  apply: Binary,
  a: (shape: readonly number[]) => Leaf,
  b: (shape: readonly number[]) => Leaf,
): [Case, ...Case[]] {
  const make = (name: keyof typeof broadcasts): Case => {
    const [first, second] = broadcasts[name];
    return opCase(`${type}, ${name}`, { a: a(first), b: b(second) }, ({ a: x, b: y }) => apply(x, y));
  };
  return [make("same shape"), make("both broadcast"), make("a scalar"), make("no axes"), make("ones in front")];
}

const awayFromZero = (shape: readonly number[]): Leaf => spans(shape, [-2, -0.5], [0.5, 2]);
const positive = (shape: readonly number[]): Leaf => uniform(shape, 0.3, 2);
const small = (shape: readonly number[]): Leaf => uniform(shape, -2, 2);
const digits = (shape: readonly number[]): Leaf => integers(shape, -9, 10);
const fewDigits = (shape: readonly number[]): Leaf => integers(shape, 0, 3);
// Two combs whose teeth never meet.
const comb = (shape: readonly number[]): Leaf => spans(shape, [-2, -1.7], [-1, -0.7], [0, 0.3], [1, 1.3]);
const otherComb = (shape: readonly number[]): Leaf => spans(shape, [-1.5, -1.2], [-0.5, -0.2], [0.5, 0.8]);

const whole = (type: string, apply: Binary): Case =>
  opCase(`${type}, int32`, { a: digits([4, 5]), b: digits([5]) }, ({ a, b }) => apply(a, b));

const unary = (
  type: string,
  apply: (x: Tensor) => Tensor,
  values: (shape: readonly number[]) => Leaf,
): [Case, Case] => [
  opCase(type, { x: values([2, 3, 5]) }, ({ x }) => apply(x)),
  opCase(`${type}, no axes`, { x: values([]) }, ({ x }) => apply(x)),
];

const stopped = "no gradient flows by definition";

export const elementwiseCases = {
  Add: [
    ...binary("Add", e.add, small, small),
    whole("Add", e.add),
    opCase("Add, a number", { x: small([2, 3]) }, ({ x }) => e.add(x, 2.5)),
    opCase("Add, an operand to itself", { x: small([2, 3]) }, ({ x }) => e.add(x, x)),
  ],
  Sub: [
    ...binary("Sub", e.sub, small, small),
    whole("Sub", e.sub),
    opCase("Sub, from a number", { x: small([2, 3]) }, ({ x }) => e.sub(1, x)),
    opCase("Sub, an operand from itself", { x: small([2, 3]) }, ({ x }) => e.sub(x, x)),
  ],
  Mul: [
    ...binary("Mul", e.mul, small, small),
    whole("Mul", e.mul),
    opCase("Mul, square", { x: small([3, 7]) }, ({ x }) => e.square(x), { twice: true }),
    opCase("Mul, broadcast twice", { a: small([3, 1]), b: small([1, 4]) }, ({ a, b }) => e.mul(e.mul(a, b), a), {
      twice: true,
    }),
  ],
  Div: [
    ...binary("Div", e.div, small, awayFromZero),
    opCase("Div, int32", { a: digits([4, 5]), b: integers([5], 1, 4) }, ({ a, b }) => e.div(a, b)),
    opCase("Div, broadcast twice", { a: small([3, 1]), b: awayFromZero([4]) }, ({ a, b }) => e.div(a, b), {
      twice: true,
    }),
  ],
  Pow: [
    ...binary("Pow", e.pow, positive, small),
    opCase("Pow, negative base and a whole exponent", { x: awayFromZero([3, 5]) }, ({ x }) => e.pow(x, 3), {
      twice: true,
    }),
    opCase("Pow, powers of a number", { x: small([3, 5]) }, ({ x }) => e.pow(1.7, x), { twice: true }),
  ],
  Maximum: [...binary("Maximum", e.maximum, comb, otherComb), whole("Maximum", e.maximum)],
  Minimum: [...binary("Minimum", e.minimum, comb, otherComb), whole("Minimum", e.minimum)],
  Neg: [...unary("Neg", e.neg, small), opCase("Neg, int32", { x: digits([7]) }, ({ x }) => e.neg(x))],
  Exp: [
    ...unary("Exp", e.exp, small),
    opCase("Exp, of a product", { a: small([3, 2]), b: small([2]) }, ({ a, b }) => e.exp(e.mul(a, b)), { twice: true }),
  ],
  Log: [...unary("Log", e.log, positive)],
  Sqrt: [
    ...unary("Sqrt", e.sqrt, positive),
    opCase("Sqrt, twice", { x: positive([5]) }, ({ x }) => e.sqrt(x), { twice: true }),
  ],
  Reciprocal: [
    ...unary("Reciprocal", e.reciprocal, awayFromZero),
    opCase("Reciprocal, twice", { x: awayFromZero([5]) }, ({ x }) => e.reciprocal(x), { twice: true }),
  ],
  Abs: unary("Abs", e.abs, awayFromZero),
  Clip: [
    opCase("Clip", { x: spans([3, 7], [-2, -1.1], [-0.9, 0.4], [0.6, 2]) }, ({ x }) => e.clip(x, -1, 0.5)),
    opCase("Clip, from below only", { x: awayFromZero([9]) }, ({ x }) => e.clip(x, 0, Infinity)),
    opCase("Clip, ReLU6", { x: spans([3, 7], [-2, -0.1], [0.1, 5.9], [6.1, 8]) }, ({ x }) => relu6(x)),
    opCase("Clip, hard sigmoid", { x: spans([3, 7], [-5, -3.1], [-2.9, 2.9], [3.1, 5]) }, ({ x }) => hardSigmoid(x)),
    opCase("Clip, hard swish", { x: spans([3, 7], [-5, -3.1], [-2.9, 2.9], [3.1, 5]) }, ({ x }) => hardSwish(x)),
  ],
  Equal: [
    opCase("Equal, int32", { a: fewDigits([3, 1, 5]), b: fewDigits([4, 1]) }, ({ a, b }) => e.equal(a, b)),
    opCase("Equal, a number", { a: fewDigits([9]) }, ({ a }) => e.equal(a, 1)),
    opCase("Equal, one-hot in front of the last axes", { ids: integers([2, 3, 4], -1, 6) }, ({ ids }) =>
      oneHot(ids, 5, 1),
    ),
    opCase("Equal, one-hot as the last axis", { ids: fewDigits([7]) }, ({ ids }) => oneHot(ids, 3, -1)),
  ],
  Greater: [
    ...binary("Greater", e.greater, comb, otherComb),
    opCase("Greater, int32", { a: fewDigits([5, 4]), b: fewDigits([4]) }, ({ a, b }) => e.greater(a, b)),
  ],
  GreaterOrEqual: [
    opCase("GreaterOrEqual", { a: comb([5, 4]), b: otherComb([4]) }, ({ a, b }) => e.greaterOrEqual(a, b)),
    opCase("GreaterOrEqual, int32", { a: fewDigits([5, 4]), b: fewDigits([4]) }, ({ a, b }) => e.greaterOrEqual(a, b)),
  ],
  Less: [
    opCase("Less", { a: comb([5, 4]), b: otherComb([4]) }, ({ a, b }) => e.less(a, b)),
    opCase("Less, int32", { a: fewDigits([5, 4]), b: fewDigits([4]) }, ({ a, b }) => e.less(a, b)),
  ],
  LessOrEqual: [
    opCase("LessOrEqual", { a: comb([5, 4]), b: otherComb([4]) }, ({ a, b }) => e.lessOrEqual(a, b)),
    opCase("LessOrEqual, int32", { a: fewDigits([5, 4]), b: fewDigits([4]) }, ({ a, b }) => e.lessOrEqual(a, b)),
  ],
  And: [
    opCase("And", { a: bools([3, 1, 5]), b: bools([4, 1]) }, ({ a, b }) => e.and(a, b)),
    opCase("And, no axes", { a: bools([]), b: bools([5]) }, ({ a, b }) => e.and(a, b)),
  ],
  Not: [opCase("Not", { x: bools([3, 5]) }, ({ x }) => e.not(x))],
  Where: [
    opCase("Where", { condition: bools([3, 5]), a: small([3, 5]), b: small([3, 5]) }, where),
    opCase("Where, all broadcast", { condition: bools([3, 1]), a: small([1, 4]), b: small([2, 1, 1]) }, where),
    opCase("Where, condition is the largest", { condition: bools([2, 3, 4]), a: small([3, 1]), b: small([]) }, where),
    opCase("Where, int32", { condition: bools([2, 3]), a: digits([3]), b: digits([]) }, where),
    opCase("Where, chosen by its own operand", { x: awayFromZero([3, 5]) }, ({ x }) =>
      e.where(e.greater(x, 0), e.mul(x, x), 1),
    ),
  ],
  Cast: [
    opCase("Cast, float32 to int32", { x: distinct([3, 5], 0.37) }, ({ x }) => e.cast(x, "int32")),
    opCase("Cast, float32 to bool", { x: spans([3, 5], [-1, -0.1], [0, 0], [0.1, 1]) }, ({ x }) => e.cast(x, "bool")),
    opCase("Cast, int32 to float32", { x: digits([3, 5]) }, ({ x }) => e.cast(x, "float32")),
    opCase("Cast, bool to float32", { x: bools([3, 5]) }, ({ x }) => e.cast(x, "float32")),
    opCase(
      "Cast, there and back lets no gradient through",
      { x: distinct([3, 5], 0.37) },
      ({ x }) => e.mul(x, e.cast(e.cast(x, "int32"), "float32")),
      { noDifferences: stopped },
    ),
    opCase("Cast, float32 to float32 lets the gradient through", { x: small([5]) }, ({ x }) =>
      ops.Cast([x], { to: "float32" }),
    ),
  ],
  StopGradient: [
    opCase("StopGradient", { x: small([3, 5]) }, ({ x }) => e.mul(x, e.stopGradient(x)), { noDifferences: stopped }),
    opCase(
      "StopGradient, of one operand",
      { a: small([3]), b: small([3]) },
      ({ a, b }) => e.mul(a, e.stopGradient(b)),
      {
        noDifferences: stopped,
      },
    ),
  ],
} satisfies Partial<Cases>;

function where({ condition, a, b }: { condition: Tensor; a: Tensor; b: Tensor }): Tensor {
  return e.where(condition, a, b);
}
