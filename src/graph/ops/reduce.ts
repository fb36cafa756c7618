import { expectDType, expectNumbers } from "../expect.ts";
import { defineOp, type OpFunction } from "../op.ts";
import { normalizeAxes, normalizeAxis } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { cast, div, equal, mul } from "./elementwise.ts";
import { expand, reshape } from "./movement.ts";

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}
type Reduction = OpFunction<[x: Tensor], ReduceAttrs>;

function reduced(type: string, x: Tensor, { axes, keepDims }: ReduceAttrs): TensorType {
  expectNumbers(type, x);
  const shape = keepDims
    ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
    : x.shape.filter((_, i) => !axes.includes(i));
  return { shape, dtype: x.dtype };
}

/** A reduced tensor with its reduced axes back, as ones. */
function restoreAxes(y: Tensor, x: Tensor, { axes, keepDims }: ReduceAttrs): Tensor {
  return keepDims
    ? y
    : reshape(
        y,
        x.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
      );
}

export const ReduceSum: Reduction = defineOp({
  type: "ReduceSum",
  infer: ([x], attrs) => reduced("ReduceSum", x, attrs),
  grad: (dy, { inputs: [x], attrs }) => [expand(restoreAxes(dy, x, attrs), x.shape)],
});

export const ReduceMean: Reduction = defineOp({
  type: "ReduceMean",
  infer: ([x], attrs) => {
    expectDType("ReduceMean", "float32", x);
    return reduced("ReduceMean", x, attrs);
  },
  grad: (dy, { inputs: [x], attrs, output }) => [expand(mul(restoreAxes(dy, x, attrs), output.size / x.size), x.shape)],
});

export const ReduceMax: Reduction = defineOp({
  type: "ReduceMax",
  infer: ([x], attrs) => reduced("ReduceMax", x, attrs),
  grad: (dy, { inputs: [x], attrs, output }) => [sharedByEqual(dy, x, attrs, output)],
});

export const ReduceMin: Reduction = defineOp({
  type: "ReduceMin",
  infer: ([x], attrs) => reduced("ReduceMin", x, attrs),
  grad: (dy, { inputs: [x], attrs, output }) => [sharedByEqual(dy, x, attrs, output)],
});

export const ArgMax = defineOp<[x: Tensor], { axis: number; keepDims: boolean }>({
  type: "ArgMax",
  infer: ([x], { axis, keepDims }) => ({ ...reduced("ArgMax", x, { axes: [axis], keepDims }), dtype: "int32" }),
});

/** The gradient of an extremum, shared evenly among the elements that reach it. */
function sharedByEqual(dy: Tensor, x: Tensor, attrs: ReduceAttrs, output: Tensor): Tensor {
  const reached = cast(equal(x, restoreAxes(output, x, attrs)), "float32");
  return mul(reached, div(restoreAxes(dy, x, attrs), sum(reached, attrs.axes, true)));
}

const allAxes = (x: Tensor): number[] => x.shape.map((_, i) => i);

function reduction(op: Reduction) {
  return (x: Tensor, axes: readonly number[] = allAxes(x), keepDims = false): Tensor =>
    op([x], { axes: normalizeAxes(op.op.type, axes, x.rank), keepDims });
}

/**
 * Sum over axes, by default all; the axes disappear, unless `keepDims` leaves them as 1. An axis may be counted from
 * the end. Throws a ShapeError for an axis that is not there, as all reductions do.
 * @example const y = sum(x, [2, 3], true); // [N, C, H, W] → [N, C, 1, 1]
 */
export const sum = reduction(ReduceSum);
/**
 * Mean over axes, by default all; axes and errors as for `sum`. Only of float32.
 * @example const loss = mean(x);
 */
export const mean = reduction(ReduceMean);
/**
 * Maximum over axes, by default all; equal maxima share the gradient.
 * @example const y = max(x, [1]); // [N, C, H, W] → [N, H, W]
 */
export const max = reduction(ReduceMax);
/**
 * Minimum over axes, by default all; equal minima share the gradient.
 * @example const y = min(x, [-1]);
 */
export const min = reduction(ReduceMin);
/**
 * Index of the first maximum along an axis, as int32.
 * @example const ids = argMax(x, 1); // logits [N, C, H, W] → class ids [N, H, W]
 */
export const argMax = (x: Tensor, axis: number, keepDims = false): Tensor =>
  ArgMax([x], { axis: normalizeAxis("ArgMax", axis, x.rank), keepDims });
