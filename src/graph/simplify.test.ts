import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { add, div, exp, mul, neg, stopGradient, sub } from "./ops/elementwise.ts";
import { expand, pad, reshape } from "./ops/movement.ts";
import { sum } from "./ops/reduce.ts";
import { print } from "./print.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { simplify } from "./simplify.ts";
import { constant, full, input, scalar, type Tensor } from "./tensor.ts";

const x = input("x", [2, 3]);
const only = (y: Tensor): Tensor => simplify({ y }).y;
const values = ({ source }: Tensor): number[] | undefined =>
  source.kind === "constant" ? Array.from(source.data, Number) : undefined;

describe("equal sub-expressions", () => {
  test("are computed once", () => {
    expect(print(simplify({ a: exp(mul(x, 2)), b: neg(exp(mul(x, 2))) }))).toMatchInlineSnapshot(`
      "%0 = input x : float32[2, 3]
      %1 = constant 2 : float32[]
      %2 = Mul(%0, %1) : float32[2, 3]
      %3 = Exp(%2) : float32[2, 3]
      %4 = Neg(%3) : float32[2, 3]
      return a = %3, b = %4"
    `);
  });

  test("differ by operand order, attributes and operator", () => {
    const y = input("y", [2, 3]);
    const { a, b, c, d } = simplify({ a: sub(x, y), b: sub(y, x), c: sum(x, [0]), d: sum(x, [1]) });
    expect(new Set([a, b, c, d]).size).toBe(4);
  });

  test("differ by attributes that JSON cannot tell apart", () => {
    const border = [
      [1, 1],
      [0, 0],
    ] as const;
    const { a, b } = simplify({ a: pad(x, border, Infinity), b: pad(x, border, -Infinity) });
    expect(a).not.toBe(b);
  });

  test("differ by the sign of zero, by dtype and by shape of a constant", () => {
    const { a, b } = simplify({ a: div(x, scalar(0)), b: div(x, scalar(-0)) });
    expect(a).not.toBe(b);
    const bytes = Uint8Array.of(0, 1);
    const constants = simplify({
      a: constant(bytes, [2]),
      b: constant(bytes, [2], "bool"),
      c: constant(bytes, [1, 2]),
    });
    expect(new Set(Object.values(constants)).size).toBe(3);
  });

  test("are not confused when an input comes up again", () => {
    const { once, twice } = simplify({ same: stopGradient(x), once: exp(x), twice: exp(exp(x)) });
    expect(twice).not.toBe(once);
  });

  test("are told apart for inputs of one name", () => {
    const { a, b } = simplify({ a: exp(input("x", [2])), b: exp(input("x", [2])) });
    expect(a).not.toBe(b);
  });
});

describe("constants", () => {
  test("are folded, broadcasting", () => {
    const a = constant(Float32Array.of(1, 2, 3), [3, 1]);
    const b = constant(Float32Array.of(10, 20), [2]);
    expect(values(only(add(mul(a, b), 1)))).toEqual([11, 21, 21, 41, 31, 61]);
    expect(values(only(sub(scalar(1), a)))).toEqual([0, -1, -2]);
    expect(values(only(reshape(add(a, b), [6])))).toEqual([11, 21, 12, 22, 13, 23]);
  });

  test("are folded in float32", () => {
    expect(values(only(add(scalar(1e8), scalar(1))))).toEqual([1e8]);
  });

  test("keep their dtype when reshaped", () => {
    const flag = constant(Uint8Array.of(1, 0), [2], "bool");
    expect(only(reshape(flag, [1, 2]))).toMatchObject({ dtype: "bool", shape: [1, 2] });
  });

  test("too large to travel with a model are left to the runtime", () => {
    const large = full([100, 100], 2);
    expect(only(mul(large, large)).source.kind).toBe("call");
  });
});

describe("identities", () => {
  const one = scalar(1);
  const zero = full([1, 3], 0);

  test.each([
    ["x + 0", add(x, zero)],
    ["0 + x", add(zero, x)],
    ["x − 0", sub(x, zero)],
    ["x · 1", mul(x, one)],
    ["1 · x", mul(one, x)],
    ["x / 1", div(x, one)],
    ["−(−x)", neg(neg(x))],
    ["stopGradient(x)", stopGradient(x)],
    ["a reshape undone", reshape(reshape(x, [6]), [2, 3])],
  ])("%s is x", (_, y) => {
    expect(only(y)).toBe(x);
  });

  test.each([
    ["0 − x", sub(zero, x)],
    ["1 / x", div(one, x)],
    ["x + 1", add(x, one)],
    ["x · 0", mul(x, zero)],
    ["a sum that broadcasts x", add(x, full([4, 1, 1], 0))],
  ])("%s is not x", (_, y) => {
    expect(only(y)).not.toBe(x);
    expect(only(y).shape).toEqual(y.shape);
  });

  test("two reshapes are one", () => {
    expect(print({ y: only(reshape(reshape(x, [6]), [3, 2])) })).toMatchInlineSnapshot(`
      "%0 = input x : float32[2, 3]
      %1 = Reshape(%0, shape=[3,2]) : float32[3, 2]
      return y = %1"
    `);
  });

  test("an expand is dropped where the next operator broadcasts anyway", () => {
    const row = input("row", [3]);
    expect(print({ y: only(mul(expand(row, [2, 3]), x)) })).toMatchInlineSnapshot(`
      "%0 = input row : float32[3]
      %1 = input x : float32[2, 3]
      %2 = Mul(%0, %1) : float32[2, 3]
      return y = %2"
    `);
  });

  test("an expand stays where it gives the result its shape", () => {
    const row = input("row", [3]);
    expect(only(mul(expand(row, [2, 3]), scalar(2))).shape).toEqual([2, 3]);
    const both = mul(expand(row, [2, 3]), expand(row, [2, 3]));
    expect(only(both).shape).toEqual([2, 3]);
  });
});

test("inputs and outputs keep their identity and names", () => {
  const outputs = { x, sum: add(x, x), again: add(x, x) };
  const simple = simplify(outputs);
  expect(Object.keys(simple)).toEqual(["x", "sum", "again"]);
  expect(simple.x).toBe(x);
  expect(simple.again).toBe(simple.sum);
});

test("random graphs keep their values", () => {
  for (let seed = 0; seed < 300; seed++) {
    const outputs = randomGraph(new Random(seed));
    expect(evaluateAll(simplify(outputs)), print(outputs)).toEqual(evaluateAll(outputs));
  }
});

/** A few outputs of elementwise operators on two inputs and on constants that identities look for. */
function randomGraph(random: Random): Record<string, Tensor> {
  const pool = [input("a", [2]), input("b", [2]), scalar(0), scalar(1), scalar(-2), full([2], 0), full([1, 2], 1)];
  const leaves = pool.length;
  const any = (): Tensor => pool[random.integer(pool.length)]!;
  const row = (t: Tensor): Tensor => (t.size > 2 ? t : expand(reshape(t, [1, t.size]), [1, 2]));
  const make = [
    () => add(any(), any()),
    () => sub(any(), any()),
    () => mul(any(), pool[random.integer(leaves)]!),
    () => neg(any()),
    () => stopGradient(any()),
    () => row(any()),
    () => reshape(row(input("b", [2])), [2, 1]),
    () => reshape(reshape(row(pool[random.integer(leaves)]!), [2, 1]), [2]),
  ];
  for (let i = 0; i < 15; i++) pool.push(make[random.integer(make.length)]!());
  return Object.fromEntries(pool.map((tensor, i) => [`${i}`, tensor]).slice(-8));
}

function evaluateAll(outputs: Record<string, Tensor>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, evaluate(tensor)]));
}

/** What the operators of randomGraph mean, element by element. */
const meanings: Record<string, (...operands: number[]) => number> = {
  Add: (p, q) => p + q,
  Sub: (p, q) => p - q,
  Mul: (p, q) => p * q,
  // Without −0, which 0 − x and the like leave open.
  Neg: (p) => 0 - p,
};

function evaluate({ source, shape }: Tensor): number[] {
  if (source.kind === "input") return source.name === "a" ? [3, 5] : [7, -11];
  if (source.kind === "constant") return Array.from(source.data, Number).map((v) => v + 0);
  const operands = source.call.inputs.map((x) => ({ shape: x!.shape, values: evaluate(x!) }));
  const meaning = meanings[source.call.op.type] ?? ((p: number) => p);
  return Array.from({ length: sizeOf(shape) }, (_, i) => meaning(...operands.map((x) => elementOf(x, shape, i))) + 0);
}

/** Element i of an operand of at most [n, 2] elements, broadcast to `target`. */
function elementOf(x: { shape: Shape; values: number[] }, target: Shape, i: number): number {
  if (sizeOf(x.shape) === sizeOf(target)) return x.values[i]!;
  const columns = target.at(-1) ?? 1;
  const [row, column] = [Math.floor(i / columns), i % columns];
  const [height, width] = [x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1];
  return x.values[(height === 1 ? 0 : row) * width + (width === 1 ? 0 : column)]!;
}
