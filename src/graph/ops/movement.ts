import { ShapeError } from "../../util/errors.ts";
import { commonDType, expectDType } from "../expect.ts";
import { defineOp } from "../op.ts";
import { broadcastShapes, normalizeAxis, sameShape, type Shape, showShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { gather } from "./gather.ts";

export const Reshape = defineOp<[x: Tensor], { shape: Shape }>({
  type: "Reshape",
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== x.size)
      throw new ShapeError(
        `Reshape: expected ${x.size} elements as in ${showShape(x.shape)}, but received ${showShape(shape)}`,
      );
    return { shape, dtype: x.dtype };
  },
  grad: (dy, { inputs: [x] }) => [reshape(dy, x.shape)],
});

export const Transpose = defineOp<[x: Tensor], { order: readonly number[] }>({
  type: "Transpose",
  infer: ([x], { order }) => {
    if (order.length !== x.rank || x.shape.some((_, i) => !order.includes(i)))
      throw new ShapeError(
        `Transpose: expected an order of the ${x.rank} axes of ${showShape(x.shape)}, but received ${showShape(order)}`,
      );
    return { shape: order.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  grad: (dy, { attrs: { order } }) => [
    transpose(
      dy,
      order.map((_, i) => order.indexOf(i)),
    ),
  ],
});

export const Expand = defineOp<[x: Tensor], { shape: Shape }>({
  type: "Expand",
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("Expand", x.shape, shape), shape))
      throw new ShapeError(
        `Expand: expected a shape that ${showShape(x.shape)} broadcasts to, but received ${showShape(shape)}`,
      );
    return { shape, dtype: x.dtype };
  },
  grad: (dy) => [dy],
});

export const Concat = defineOp<readonly Tensor[], { axis: number }>({
  type: "Concat",
  infer: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    if (!first) throw new ShapeError("Concat: expected at least one operand, but received none");
    const dtype = commonDType("Concat", first, ...rest);
    for (const x of rest)
      if (x.rank !== first.rank || x.shape.some((n, i) => i !== axis && n !== first.shape[i]))
        throw new ShapeError(
          `Concat: expected shapes that differ only in axis ${axis}, but received ${showShape(first.shape)} and ${showShape(x.shape)}`,
        );
    const total = inputs.reduce((length, x) => length + x.shape[axis]!, 0);
    return { shape: first.shape.map((n, i) => (i === axis ? total : n)), dtype };
  },
  grad: (dy, { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((x) => {
      const from = start;
      start += x.shape[axis]!;
      return slice(dy, axis, from, start);
    });
  },
});

export interface SliceAttrs {
  readonly axis: number;
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

export const Slice = defineOp<[x: Tensor], SliceAttrs>({
  type: "Slice",
  infer: ([x], { axis, start, stop, step }) => {
    const length = x.shape[axis]!;
    const whole = [start, stop, step].every((n) => Number.isInteger(n));
    if (!whole || start < 0 || stop > length || start > stop || step < 1)
      throw new ShapeError(
        `Slice: expected a range inside [0, ${length}] of axis ${axis} of ${showShape(x.shape)}, but received ${start}:${stop}:${step}`,
      );
    return { shape: x.shape.map((n, i) => (i === axis ? Math.ceil((stop - start) / step) : n)), dtype: x.dtype };
  },
  grad: (dy, { inputs: [x], attrs }): [Tensor] => [SliceGrad([dy], { ...attrs, length: x.shape[attrs.axis]! })],
});

/** Puts dy back where a slice of an axis of `length` took it from, with zeros between. */
export const SliceGrad = defineOp<[dy: Tensor], SliceAttrs & { length: number }>({
  type: "SliceGrad",
  infer: ([dy], { axis, start, stop, step, length }) => {
    expectDType("SliceGrad", "float32", dy);
    const count = Math.ceil((stop - start) / step);
    if (dy.shape[axis] !== count)
      throw new ShapeError(
        `SliceGrad: expected ${count} elements (${start}:${stop}:${step}) on axis ${axis}, but received ${showShape(dy.shape)}`,
      );
    return { shape: dy.shape.map((n, i) => (i === axis ? length : n)), dtype: "float32" };
  },
  grad: (ddx, { attrs: { axis, start, stop, step } }): [Tensor] => [Slice([ddx], { axis, start, stop, step })],
});

/** Elements added before and after each axis, outermost axis first. */
export type Padding = readonly (readonly [before: number, after: number])[];

export const Pad = defineOp<[x: Tensor], { padding: Padding; value: number }>({
  type: "Pad",
  infer: ([x], { padding }) => {
    expectDType("Pad", "float32", x);
    if (padding.length !== x.rank || padding.some(([before, after]) => before < 0 || after < 0))
      throw new ShapeError(
        `Pad: expected ${x.rank} pairs of sizes ≥ 0 for ${showShape(x.shape)}, but received ${JSON.stringify(padding)}`,
      );
    return { shape: x.shape.map((n, i) => n + padding[i]![0] + padding[i]![1]), dtype: x.dtype };
  },
  grad: (dy, { inputs: [x], attrs: { padding } }) => [
    padding.reduce((inner, [before], axis) => slice(inner, axis, before, before + x.shape[axis]!), dy),
  ],
});

/**
 * The same elements in another shape, row-major. Throws a ShapeError for another number of elements.
 * @example const y = reshape(x, [6, 4]); // of [2, 3, 4]
 */
export const reshape = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : Reshape([x], { shape }));
/**
 * Axes in another order: axis i of the result is axis order[i] of x. Throws a ShapeError for an order that is none.
 * @example const y = transpose(x, [0, 2, 3, 1]); // [N, C, H, W] → [N, H, W, C]
 */
export const transpose = (x: Tensor, order: readonly number[]): Tensor =>
  order.length === x.rank && order.every((axis, i) => axis === i) ? x : Transpose([x], { order });
/**
 * x repeated along its axes of size 1, to a shape it broadcasts to; a ShapeError for one to which it does not.
 * @example const y = expand(x, [8, 3, 1, 1]); // of [1, 3, 1, 1]
 */
export const expand = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : Expand([x], { shape }));
/**
 * Tensors one after the other along an axis. Throws a ShapeError unless all other axes are equal.
 * @example const z = concat([x, y], 1); // [N, A, H, W] and [N, B, H, W] → [N, A + B, H, W]
 */
export const concat = (inputs: readonly Tensor[], axis: number): Tensor =>
  inputs.length === 1 ? inputs[0]! : Concat(inputs, { axis: normalizeAxis("Concat", axis, inputs[0]?.rank ?? 1) });

/**
 * Elements start, start + step, … below stop, along one axis. Throws a ShapeError for a range that leaves the axis.
 * @example const y = slice(x, 2, 0, 10); // the first ten rows of [N, C, H, W]
 */
export function slice(x: Tensor, axis: number, start: number, stop: number, step = 1): Tensor {
  const normal = normalizeAxis("Slice", axis, x.rank);
  if (start === 0 && stop === x.shape[normal] && step === 1) return x;
  return Slice([x], { axis: normal, start, stop, step });
}

/**
 * Adds a constant around each axis, by default 0. Throws a ShapeError unless there is a pair of sizes ≥ 0 for each
 * axis.
 * @example const y = pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]]); // [N, C, H, W] → [N, C, H + 2, W + 2]
 */
export function pad(x: Tensor, padding: Padding, value = 0): Tensor {
  const none = padding.length === x.rank && padding.every(([before, after]) => before === 0 && after === 0);
  return none ? x : Pad([x], { padding, value });
}

/**
 * Repeats the border around each axis (PyTorch's "replicate").
 * @example const y = padEdge(x, [[0, 0], [0, 0], [1, 0], [1, 0]]); // [N, C, H, W] → [N, C, H + 1, W + 1]
 */
export function padEdge(x: Tensor, padding: Padding): Tensor {
  return padding.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const length = x.shape[axis]!;
    const index = Array.from({ length: before + length + after }, (_, i) => clampIndex(i - before, length));
    return gather(y, Int32Array.from(index), axis);
  }, x);
}

/**
 * Mirrors the inside around each axis, the border not repeated (PyTorch's "reflect"). Throws a ShapeError for padding
 * that is not smaller than its axis.
 * @example const y = padReflect(x, [[0, 0], [0, 0], [2, 2], [2, 2]]); // [N, C, H, W] → [N, C, H + 4, W + 4]
 */
export function padReflect(x: Tensor, padding: Padding): Tensor {
  return padding.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const length = x.shape[axis]!;
    if (before >= length || after >= length)
      throw new ShapeError(
        `padReflect: expected padding below ${length} on axis ${axis}, but received ${before} and ${after}`,
      );
    const index = Array.from({ length: before + length + after }, (_, i) => {
      const from = Math.abs(i - before);
      return from < length ? from : 2 * (length - 1) - from;
    });
    return gather(y, Int32Array.from(index), axis);
  }, x);
}

const clampIndex = (i: number, length: number): number => Math.min(Math.max(i, 0), length - 1);
