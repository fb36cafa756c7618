import { ShapeError } from "../../util/errors.ts";
import { allocate, type DType } from "../dtype.ts";
import { commonDType, expectDType, expectNumbers } from "../expect.ts";
import { defineOp, type OpFunction } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import { constant, scalar, type Tensor, type TensorType } from "../tensor.ts";

/** A tensor, or a number that stands for a scalar of the other operand's dtype. */
export type Operand = Tensor | number;

type Binary = OpFunction<[a: Tensor, b: Tensor], void>;
type Unary = OpFunction<[x: Tensor], void>;

function broadcast(type: string, a: Tensor, b: Tensor, dtype: DType = commonDType(type, a, b)): TensorType {
  commonDType(type, a, b);
  return { shape: broadcastShapes(type, a.shape, b.shape), dtype };
}

function numbers(type: string, a: Tensor, b: Tensor, dtype?: DType): TensorType {
  expectNumbers(type, a, b);
  return broadcast(type, a, b, dtype);
}

function floating(type: string, x: Tensor): TensorType {
  expectDType(type, "float32", x);
  return { shape: x.shape, dtype: "float32" };
}

export const Add: Binary = defineOp({
  type: "Add",
  infer: ([a, b]) => numbers("Add", a, b),
  grad: (dy) => [dy, dy],
});

export const Sub: Binary = defineOp({
  type: "Sub",
  infer: ([a, b]) => numbers("Sub", a, b),
  grad: (dy) => [dy, neg(dy)],
});

export const Mul: Binary = defineOp({
  type: "Mul",
  infer: ([a, b]) => numbers("Mul", a, b),
  grad: (dy, { inputs: [a, b] }) => [mul(dy, b), mul(dy, a)],
});

export const Div: Binary = defineOp({
  type: "Div",
  infer: ([a, b]) => numbers("Div", a, b),
  grad: (dy, { inputs: [, b], output }) => {
    const da = div(dy, b);
    return [da, neg(mul(da, output))];
  },
});

export const Pow: Binary = defineOp({
  type: "Pow",
  infer: ([a, b]) => numbers("Pow", a, b),
  grad: (dy, { inputs: [a, b], output }) => [mul(dy, mul(b, pow(a, sub(b, 1)))), mul(dy, mul(output, log(a)))],
});

export const Maximum: Binary = defineOp({
  type: "Maximum",
  infer: ([a, b]) => numbers("Maximum", a, b),
  grad: (dy, { inputs: [a, b] }) => chosen(dy, greaterOrEqual(a, b)),
});

export const Minimum: Binary = defineOp({
  type: "Minimum",
  infer: ([a, b]) => numbers("Minimum", a, b),
  grad: (dy, { inputs: [a, b] }) => chosen(dy, lessOrEqual(a, b)),
});

export const Neg: Unary = defineOp({
  type: "Neg",
  infer: ([x]) => {
    expectNumbers("Neg", x);
    return x;
  },
  grad: (dy) => [neg(dy)],
});

export const Exp: Unary = defineOp({
  type: "Exp",
  infer: ([x]) => floating("Exp", x),
  grad: (dy, { output }) => [mul(dy, output)],
});

export const Log: Unary = defineOp({
  type: "Log",
  infer: ([x]) => floating("Log", x),
  grad: (dy, { inputs: [x] }) => [div(dy, x)],
});

export const Sqrt: Unary = defineOp({
  type: "Sqrt",
  infer: ([x]) => floating("Sqrt", x),
  grad: (dy, { output }) => [div(mul(dy, 0.5), output)],
});

export const Reciprocal: Unary = defineOp({
  type: "Reciprocal",
  infer: ([x]) => floating("Reciprocal", x),
  grad: (dy, { output }) => [neg(mul(dy, mul(output, output)))],
});

export const Abs: Unary = defineOp({
  type: "Abs",
  infer: ([x]) => floating("Abs", x),
  grad: (dy, { inputs: [x] }) => [where(less(x, 0), neg(dy), where(greater(x, 0), dy, 0))],
});

export const Clip = defineOp<[x: Tensor], { low: number; high: number }>({
  type: "Clip",
  infer: ([x]) => floating("Clip", x),
  grad: (dy, { inputs: [x], attrs: { low, high } }) => [
    where(and(greaterOrEqual(x, low), lessOrEqual(x, high)), dy, 0),
  ],
});

export const Equal: Binary = defineOp({ type: "Equal", infer: ([a, b]) => broadcast("Equal", a, b, "bool") });
export const Greater: Binary = defineOp({ type: "Greater", infer: ([a, b]) => numbers("Greater", a, b, "bool") });
export const GreaterOrEqual: Binary = defineOp({
  type: "GreaterOrEqual",
  infer: ([a, b]) => numbers("GreaterOrEqual", a, b, "bool"),
});
export const Less: Binary = defineOp({ type: "Less", infer: ([a, b]) => numbers("Less", a, b, "bool") });
export const LessOrEqual: Binary = defineOp({
  type: "LessOrEqual",
  infer: ([a, b]) => numbers("LessOrEqual", a, b, "bool"),
});

export const And: Binary = defineOp({
  type: "And",
  infer: ([a, b]) => {
    expectDType("And", "bool", a, b);
    return broadcast("And", a, b);
  },
});

export const Not: Unary = defineOp({
  type: "Not",
  infer: ([x]) => {
    expectDType("Not", "bool", x);
    return x;
  },
});

export const Where = defineOp<[condition: Tensor, a: Tensor, b: Tensor]>({
  type: "Where",
  infer: ([condition, a, b]) => {
    expectDType("Where", "bool", condition);
    const { shape, dtype } = numbers("Where", a, b);
    return { shape: broadcastShapes("Where", condition.shape, shape), dtype };
  },
  grad: (dy, { inputs: [condition] }) => [null, ...chosen(dy, condition)],
});

export const Cast = defineOp<[x: Tensor], { to: DType }>({
  type: "Cast",
  infer: ([x], { to }) => ({ shape: x.shape, dtype: to }),
  grad: (dy, { inputs: [x], attrs: { to } }) => [x.dtype === "float32" && to === "float32" ? dy : null],
});

export const StopGradient: Unary = defineOp<[x: Tensor]>({
  type: "StopGradient",
  infer: ([x]) => x,
  grad: () => [null],
});

/** dy where the condition holds, and dy where it does not. */
function chosen(dy: Tensor, condition: Tensor): [Tensor, Tensor] {
  return [where(condition, dy, 0), where(condition, 0, dy)];
}

function operands(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === "number") return typeof b === "number" ? [scalar(a), scalar(b)] : [scalarLike(a, b), b];
  return [a, typeof b === "number" ? scalarLike(b, a) : b];
}

function scalarLike(value: number, tensor: Tensor): Tensor {
  const { dtype } = tensor;
  if (dtype === "float32") return scalar(value);
  if (!Number.isInteger(value))
    throw new ShapeError(`scalar: expected a whole number beside ${tensor}, but received ${value}`);
  return constant(dtype === "int64" ? BigInt64Array.of(BigInt(value)) : allocate(dtype, 1).fill(value), [], dtype);
}

/**
 * a + b, element by element, broadcasting as NumPy does (so do all functions of two operands here). Throws a ShapeError
 * for shapes that do not broadcast or dtypes that differ, as all of them do.
 * @example const z = add(x, 1);
 */
export const add = (a: Operand, b: Operand): Tensor => Add(operands(a, b));
/**
 * a − b, element by element.
 * @example const z = sub(x, y);
 */
export const sub = (a: Operand, b: Operand): Tensor => Sub(operands(a, b));
/**
 * a · b, element by element.
 * @example const z = mul(x, 0.5);
 */
export const mul = (a: Operand, b: Operand): Tensor => Mul(operands(a, b));
/**
 * a / b, element by element.
 * @example const z = div(x, add(y, 1e-6));
 */
export const div = (a: Operand, b: Operand): Tensor => Div(operands(a, b));
/**
 * a to the power b; its gradient by b needs a > 0.
 * @example const z = pow(x, 2);
 */
export const pow = (a: Operand, b: Operand): Tensor => Pow(operands(a, b));
/**
 * The larger of a and b; a tie gives the gradient to a.
 * @example const z = maximum(x, 0);
 */
export const maximum = (a: Operand, b: Operand): Tensor => Maximum(operands(a, b));
/**
 * The smaller of a and b; a tie gives the gradient to a.
 * @example const z = minimum(x, y);
 */
export const minimum = (a: Operand, b: Operand): Tensor => Minimum(operands(a, b));
/**
 * −x, element by element. Throws a ShapeError for bool.
 * @example const z = neg(x);
 */
export const neg = (x: Tensor): Tensor => Neg([x]);
/**
 * e to the power x, of float32. Throws a ShapeError for another dtype, as all functions of reals here do.
 * @example const z = exp(x);
 */
export const exp = (x: Tensor): Tensor => Exp([x]);
/**
 * Natural logarithm of float32; −∞ at 0 and NaN below.
 * @example const z = log(clip(x, 1e-7, 1));
 */
export const log = (x: Tensor): Tensor => Log([x]);
/**
 * Square root of float32; NaN below 0.
 * @example const z = sqrt(x);
 */
export const sqrt = (x: Tensor): Tensor => Sqrt([x]);
/**
 * 1 / x, of float32.
 * @example const z = reciprocal(x);
 */
export const reciprocal = (x: Tensor): Tensor => Reciprocal([x]);
/**
 * |x|, with gradient 0 at 0.
 * @example const z = abs(sub(x, y));
 */
export const abs = (x: Tensor): Tensor => Abs([x]);
/**
 * x · x, element by element.
 * @example const loss = mean(square(sub(x, y)));
 */
export const square = (x: Tensor): Tensor => mul(x, x);
/**
 * x held inside [low, high]; the gradient is 0 outside.
 * @example const z = clip(x, 0, 1);
 */
export const clip = (x: Tensor, low: number, high: number): Tensor => Clip([x], { low, high });
/**
 * a = b, as bool.
 * @example const hits = equal(x, y);
 */
export const equal = (a: Operand, b: Operand): Tensor => Equal(operands(a, b));
/**
 * a > b, as bool.
 * @example const above = greater(x, 0.5);
 */
export const greater = (a: Operand, b: Operand): Tensor => Greater(operands(a, b));
/**
 * a ≥ b, as bool.
 * @example const z = greaterOrEqual(x, y);
 */
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => GreaterOrEqual(operands(a, b));
/**
 * a < b, as bool.
 * @example const z = less(x, y);
 */
export const less = (a: Operand, b: Operand): Tensor => Less(operands(a, b));
/**
 * a ≤ b, as bool.
 * @example const z = lessOrEqual(x, y);
 */
export const lessOrEqual = (a: Operand, b: Operand): Tensor => LessOrEqual(operands(a, b));
/**
 * Whether both of two bools hold. Throws a ShapeError for another dtype.
 * @example const inside = and(greater(x, 0), less(x, 1));
 */
export const and = (a: Tensor, b: Tensor): Tensor => And([a, b]);
/**
 * The opposite of a bool. Throws a ShapeError for another dtype.
 * @example const other = not(equal(x, y));
 */
export const not = (x: Tensor): Tensor => Not([x]);
/**
 * a where the bool condition holds, else b; all three broadcast.
 * @example const z = where(greater(x, 0), x, 0);
 */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor => Where([condition, ...operands(a, b)]);
/**
 * The same values in another dtype; no gradient flows through it, unless the dtype stays.
 * @example const z = cast(greater(x, 0), "float32");
 */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : Cast([x], { to }));
/**
 * x itself, but no gradient flows through it.
 * @example const z = mul(x, stopGradient(y));
 */
export const stopGradient = (x: Tensor): Tensor => StopGradient([x]);
