import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectNumbers } from "../expect.ts";
import { defineOp } from "../op.ts";
import { normalizeAxis, sameShape, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export const ArgSort = defineOp<[x: Tensor], { axis: number; descending: boolean }>({
  type: "ArgSort",
  infer: ([x]) => {
    expectNumbers("ArgSort", x);
    return { shape: x.shape, dtype: "int32" };
  },
});

export const TakeAlong = defineOp<[x: Tensor, indices: Tensor], { axis: number }>({
  type: "TakeAlong",
  infer: ([x, indices], { axis }) => {
    expectNumbers("TakeAlong", x);
    expectDType("TakeAlong", "int32", indices);
    if (!sameShape(without(indices.shape, axis), without(x.shape, axis)))
      throw new ShapeError(
        `TakeAlong: expected indices that differ from ${showShape(x.shape)} in axis ${axis} only, but received ${showShape(indices.shape)}`,
      );
    return { shape: indices.shape, dtype: x.dtype };
  },
  grad: (dy, { inputs: [x, indices], attrs: { axis } }): [Tensor, null] => [
    TakeAlongGrad([dy, indices], { axis, length: x.shape[axis]! }),
    null,
  ],
});

/** The adjoint of TakeAlong: sums each element of dy into the place on an axis of `length` that it was taken from. */
export const TakeAlongGrad = defineOp<[dy: Tensor, indices: Tensor], { axis: number; length: number }>({
  type: "TakeAlongGrad",
  infer: ([dy, indices], { axis, length }) => {
    expectDType("TakeAlongGrad", "float32", dy);
    expectDType("TakeAlongGrad", "int32", indices);
    if (!sameShape(dy.shape, indices.shape))
      throw new ShapeError(
        `TakeAlongGrad: expected an index for each element of ${showShape(dy.shape)}, but received ${showShape(indices.shape)}`,
      );
    return { shape: dy.shape.map((n, i) => (i === axis ? length : n)), dtype: "float32" };
  },
  grad: (ddx, { inputs: [, indices], attrs: { axis } }): [Tensor, null] => [TakeAlong([ddx, indices], { axis }), null],
});

const without = (shape: Shape, axis: number): Shape => shape.filter((_, i) => i !== axis);

/**
 * The int32 indices that put x into order along an axis, smallest first by default; equal elements keep their order.
 * @example const order = argSort(x, 0, { descending: true });
 */
export const argSort = (x: Tensor, axis: number, { descending = false } = {}): Tensor =>
  ArgSort([x], { axis: normalizeAxis("ArgSort", axis, x.rank), descending });
/**
 * Elements picked along an axis, each line by its own int32 indices in [0, length): y[i][j] = x[i][indices[i][j]].
 * Throws a ShapeError for indices whose other axes are not those of x.
 * @example const sorted = takeAlong(x, argSort(x, -1), -1);
 */
export const takeAlong = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  TakeAlong([x, indices], { axis: normalizeAxis("TakeAlong", axis, x.rank) });
