import type { GraphBuilder, Value } from "../builder.ts";
import type { Lowerings } from "./lowering.ts";
import { sizeOf } from "../../graph/shape.ts";

export const movementLowerings: Lowerings<
  | "Reshape"
  | "Transpose"
  | "Expand"
  | "Concat"
  | "Slice"
  | "SliceGrad"
  | "Pad"
  | "Gather"
  | "ScatterAdd"
  | "PixelShuffle"
  | "PixelUnshuffle"
> = {
  Reshape: (b, { values: [x], attrs: { shape } }) => b.reshape(x!, shape),
  Transpose: (b, { values: [x], attrs: { order } }) => b.transpose(x!, order),
  Expand: (b, { values: [x], attrs: { shape } }) => b.node("Expand", [x!, b.ints(shape)]),
  Concat: (b, { values, attrs: { axis } }) => b.node("Concat", values, { axis }),
  Slice: (b, { inputs: [x], values: [xv], output, attrs }) => {
    if (b.target.everyDType || x.dtype === "float32") return b.slice(xv!, [attrs]);
    const { axis, start, step } = attrs;
    const indices = Int32Array.from({ length: output.shape[axis]! }, (_, i) => start + i * step);
    const gathered = b.node("Gather", [b.cast(xv!, "int32"), b.constant(indices, [indices.length], "int32")], { axis });
    return b.cast(gathered, x.dtype);
  },

  SliceGrad: (b, { inputs: [dy], values: [dyv], attrs: { axis, start, step, length } }) => {
    const shape = dy.shape;
    const count = shape[axis]!;
    const only = (before: number, after: number, rank: number): [number, number][] =>
      Array.from({ length: rank }, (_, i) => (i === axis ? [before, after] : [0, 0]));
    let spread = dyv!;
    if (step > 1) {
      const apart = b.reshape(spread, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
      const gaps = Array.from({ length: shape.length + 1 }, (_, i): [number, number] =>
        i === axis + 1 ? [0, step - 1] : [0, 0],
      );
      spread = b.reshape(b.pad(apart, gaps), [...shape.slice(0, axis), count * step, ...shape.slice(axis + 1)]);
      const kept = Math.min(count * step, length - start);
      if (kept < count * step) spread = b.slice(spread, [{ axis, start: 0, stop: kept }]);
      return b.pad(spread, only(start, length - start - kept, shape.length));
    }
    return b.pad(spread, only(start, length - start - count, shape.length));
  },

  Pad: (b, { values: [x], attrs: { padding, value } }) => b.pad(x!, padding, value),
  Gather: (b, { values: [x, indices], attrs: { axis } }) => b.node("Gather", [x!, indices!], { axis }),

  ScatterAdd: (b, { inputs: [dy, indices], values: [dyv, iv], output, attrs: { axis, length } }) => {
    const before = sizeOf(dy.shape.slice(0, axis));
    const after = sizeOf(dy.shape.slice(axis + indices.rank));
    const shape = [before, indices.size, after];
    const places = b.node("Expand", [b.reshape(iv!, [1, indices.size, 1]), b.ints(shape)]);
    const zeros = b.node("Expand", [b.float(0), b.ints([before, length, after])]);
    const sums = b.node("ScatterElements", [zeros, places, b.reshape(dyv!, shape)], { axis: 1, reduction: "add" });
    return b.reshape(sums, output.shape);
  },

  PixelShuffle: (b, { inputs: [x], values: [xv], output, attrs: { factor } }) => {
    const [n, c, h, w] = x.shape as Nchw;
    if (!b.target.optimizations.rowShuffle) {
      const places = b.reshape(xv!, [n, c / factor ** 2, factor, factor, h, w]);
      return b.reshape(b.transpose(places, [0, 1, 4, 2, 5, 3]), output.shape);
    }
    const columns = interleave(b, xv!, [(n * c) / factor, factor, h * w]);
    return b.reshape(exchangeRows(b, columns, [(n * c) / factor ** 2, factor, h, w * factor]), output.shape);
  },

  PixelUnshuffle: (b, { inputs: [x], values: [xv], output, attrs: { factor } }) => {
    const [n, c, h, w] = x.shape as Nchw;
    if (!b.target.optimizations.rowShuffle) {
      const places = b.reshape(xv!, [n, c, h / factor, factor, w / factor, factor]);
      return b.reshape(b.transpose(places, [0, 1, 3, 5, 2, 4]), output.shape);
    }
    const rows = exchangeRows(b, xv!, [n * c, h / factor, factor, w]);
    return b.reshape(interleave(b, rows, [n * c * factor, (h * w) / factor ** 2, factor]), output.shape);
  },
};

type Nchw = readonly [number, number, number, number];

// DepthToSpace and a transpose of six axes move single numbers; two transposes of one axis each are four times as fast.

/** [count, a, b] → [count, b, a]. */
function interleave(b: GraphBuilder, x: Value, shape: readonly [number, number, number]): Value {
  return b.transpose(b.reshape(x, shape), [0, 2, 1]);
}

/** [count, a, b, row] → [count, b, a, row]: whole rows change places. */
function exchangeRows(b: GraphBuilder, x: Value, shape: Nchw): Value {
  return b.transpose(b.reshape(x, shape), [0, 2, 1, 3]);
}
