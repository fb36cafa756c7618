import { ShapeError } from "../../util/errors.ts";
import { expectDType } from "../expect.ts";
import { defineOp } from "../op.ts";
import { normalizeAxis, sameShape, showShape } from "../shape.ts";
import { constant, type Tensor } from "../tensor.ts";

export const Gather = defineOp<[x: Tensor, indices: Tensor], { axis: number }>({
  type: "Gather",
  infer: ([x, indices], { axis }) => {
    expectDType("Gather", "int32", indices);
    return { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype };
  },
  grad: (dy, { inputs: [x, indices], attrs: { axis } }): [Tensor, null] => [
    ScatterAdd([dy, indices], { axis, length: x.shape[axis]! }),
    null,
  ],
});

/** The adjoint of Gather: sums each element of dy into the place on an axis of `length` that it was taken from. */
export const ScatterAdd = defineOp<[dy: Tensor, indices: Tensor], { axis: number; length: number }>({
  type: "ScatterAdd",
  infer: ([dy, indices], { axis, length }) => {
    expectDType("ScatterAdd", "float32", dy);
    expectDType("ScatterAdd", "int32", indices);
    const after = axis + indices.rank;
    if (!sameShape(dy.shape.slice(axis, after), indices.shape))
      throw new ShapeError(
        `ScatterAdd: expected dy to have the axes of the indices ${showShape(indices.shape)} from axis ${axis} on, but received ${showShape(dy.shape)}`,
      );
    return { shape: [...dy.shape.slice(0, axis), length, ...dy.shape.slice(after)], dtype: "float32" };
  },
  grad: (ddx, { inputs: [, indices], attrs: { axis } }): [Tensor, null] => [Gather([ddx, indices], { axis }), null],
});

/**
 * Elements of one axis picked by int32 indices in [0, length); the axis is replaced by the axes of `indices`.
 * @example const y = gather(x, Int32Array.of(2, 1, 0), 1); // channels in reverse, [N, 3, H, W]
 */
export function gather(x: Tensor, indices: Tensor | Int32Array, axis: number): Tensor {
  const picked = indices instanceof Int32Array ? constant(indices, [indices.length]) : indices;
  return Gather([x, picked], { axis: normalizeAxis("Gather", axis, x.rank) });
}
