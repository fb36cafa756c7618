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
  Slice: (b, { values: [x], attrs }) => b.slice(x!, [attrs]),

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

  PixelShuffle: (b, { values: [x], attrs: { factor } }) =>
    b.node("DepthToSpace", [x!], { blocksize: factor, mode: "CRD" }),

  PixelUnshuffle: (b, { inputs: [x], values: [xv], output, attrs: { factor } }) => {
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const blocks = b.reshape(xv!, [n, c, h / factor, factor, w / factor, factor]);
    return b.reshape(b.transpose(blocks, [0, 1, 3, 5, 2, 4]), output.shape);
  },
};
