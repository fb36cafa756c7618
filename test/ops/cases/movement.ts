import { mul } from "../../../src/graph/ops/elementwise.ts";
import { gather, ScatterAdd } from "../../../src/graph/ops/gather.ts";
import * as m from "../../../src/graph/ops/movement.ts";
import { pixelShuffle, pixelUnshuffle } from "../../../src/graph/ops/shuffle.ts";
import { bools, integers, uniform } from "../../support/leaf.ts";
import { type Cases, opCase } from "../case.ts";

export const movementCases = {
  Reshape: [
    opCase("Reshape", { x: uniform([2, 3, 4]) }, ({ x }) => m.reshape(x, [4, 6])),
    opCase("Reshape, to no axes", { x: uniform([1, 1]) }, ({ x }) => m.reshape(x, [])),
    opCase("Reshape, from no axes", { x: uniform([]) }, ({ x }) => m.reshape(x, [1, 1])),
    opCase("Reshape, bool", { x: bools([2, 3]) }, ({ x }) => m.reshape(x, [6])),
  ],
  Transpose: [
    opCase("Transpose, matrix", { x: uniform([3, 5]) }, ({ x }) => m.transpose(x, [1, 0])),
    opCase("Transpose, a cycle of three axes", { x: uniform([2, 3, 5]) }, ({ x }) => m.transpose(x, [1, 2, 0])),
    opCase("Transpose, NCHW to NHWC", { x: uniform([2, 3, 1, 5]) }, ({ x }) => m.transpose(x, [0, 2, 3, 1])),
    opCase("Transpose, int32", { x: integers([3, 5], -9, 10) }, ({ x }) => m.transpose(x, [1, 0])),
  ],
  Expand: [
    opCase("Expand", { x: uniform([3, 1]) }, ({ x }) => m.expand(x, [2, 3, 4])),
    opCase("Expand, a scalar", { x: uniform([]) }, ({ x }) => m.expand(x, [2, 2])),
    opCase("Expand, bool", { x: bools([3, 1]) }, ({ x }) => m.expand(x, [3, 2])),
    opCase("Expand, before a product", { x: uniform([3, 1]), y: uniform([3, 4]) }, ({ x, y }) =>
      mul(m.expand(x, [3, 4]), y),
    ),
  ],
  Concat: [
    opCase("Concat, channels", { a: uniform([2, 3, 5, 1]), b: uniform([2, 1, 5, 1]) }, ({ a, b }) =>
      m.concat([a, b], 1),
    ),
    opCase("Concat, three along the first axis", { a: uniform([2, 3]), b: uniform([1, 3]), c: uniform([4, 3]) }, (t) =>
      m.concat([t.a, t.b, t.c], 0),
    ),
    opCase("Concat, last axis", { a: uniform([2, 3]), b: uniform([2, 5]) }, ({ a, b }) => m.concat([a, b], -1)),
    opCase("Concat, a tensor with itself", { x: uniform([2, 3]) }, ({ x }) => m.concat([x, mul(x, 2), x], 1)),
    opCase("Concat, nine", { x: uniform([2, 1]) }, ({ x }) =>
      m.concat(
        Array.from({ length: 9 }, (_, i) => mul(x, i + 1)),
        1,
      ),
    ),
    opCase("Concat, int32", { a: integers([3], 0, 9), b: integers([2], 0, 9) }, ({ a, b }) => m.concat([a, b], 0)),
  ],
  Slice: [
    opCase("Slice", { x: uniform([3, 7]) }, ({ x }) => m.slice(x, 1, 2, 5)),
    opCase("Slice, every second", { x: uniform([3, 7, 2]) }, ({ x }) => m.slice(x, 1, 0, 7, 2)),
    opCase("Slice, every third, the last two left over", { x: uniform([9, 2]) }, ({ x }) => m.slice(x, 0, 1, 9, 3)),
    opCase("Slice, a step beyond the end", { x: uniform([5]) }, ({ x }) => m.slice(x, 0, 1, 3, 4)),
    opCase("Slice, the last element", { x: uniform([3, 7]) }, ({ x }) => m.slice(x, -1, 6, 7)),
    opCase("Slice, bool", { x: bools([3, 5]) }, ({ x }) => m.slice(x, 1, 1, 4)),
  ],
  SliceGrad: [
    opCase("SliceGrad", { dy: uniform([3, 3]) }, ({ dy }) =>
      m.SliceGrad([dy], { axis: 1, start: 2, stop: 5, step: 1, length: 7 }),
    ),
    opCase("SliceGrad, every second", { dy: uniform([3, 4, 2]) }, ({ dy }) =>
      m.SliceGrad([dy], { axis: 1, start: 0, stop: 7, step: 2, length: 7 }),
    ),
    opCase("SliceGrad, every third", { dy: uniform([3, 2]) }, ({ dy }) =>
      m.SliceGrad([dy], { axis: 0, start: 1, stop: 9, step: 3, length: 11 }),
    ),
  ],
  Pad: [
    opCase("Pad, every side", { x: uniform([2, 3, 5]) }, ({ x }) =>
      m.pad(x, [
        [0, 1],
        [2, 0],
        [1, 3],
      ]),
    ),
    opCase("Pad, with a value", { x: uniform([1, 2, 3, 5]) }, ({ x }) =>
      m.pad(
        x,
        [
          [0, 0],
          [0, 0],
          [1, 2],
          [0, 1],
        ],
        -1.5,
      ),
    ),
  ],
  Gather: [
    opCase("Gather, first axis", { x: uniform([5, 3]) }, ({ x }) => gather(x, Int32Array.of(4, 0, 0, 2), 0)),
    opCase("Gather, last axis", { x: uniform([2, 3, 5]) }, ({ x }) => gather(x, Int32Array.of(1, 1, 4), -1)),
    opCase("Gather, indices fed", { x: uniform([2, 5, 3]), i: integers([4], 0, 5) }, ({ x, i }) => gather(x, i, 1)),
    opCase("Gather, indices of two axes", { x: uniform([5, 3]), i: integers([2, 4], 0, 5) }, ({ x, i }) =>
      gather(x, i, 0),
    ),
    opCase("Gather, one index without axes", { x: uniform([2, 5, 3]), i: integers([], 0, 5) }, ({ x, i }) =>
      gather(x, i, 1),
    ),
    opCase("Gather, edge padding", { x: uniform([1, 2, 3, 5]) }, ({ x }) => m.padEdge(x, around([2, 1], [1, 3]))),
    opCase("Gather, mirror padding", { x: uniform([1, 2, 3, 5]) }, ({ x }) => m.padReflect(x, around([2, 1], [1, 3]))),
  ],
  ScatterAdd: [
    opCase("ScatterAdd, first axis", { dy: uniform([4, 3]), i: integers([4], 0, 3) }, ({ dy, i }) =>
      ScatterAdd([dy, i], { axis: 0, length: 5 }),
    ),
    opCase("ScatterAdd, last axis", { dy: uniform([2, 3, 6]), i: integers([6], 0, 4) }, ({ dy, i }) =>
      ScatterAdd([dy, i], { axis: 2, length: 4 }),
    ),
    opCase("ScatterAdd, indices of two axes", { dy: uniform([2, 2, 4, 3]), i: integers([2, 4], 0, 5) }, ({ dy, i }) =>
      ScatterAdd([dy, i], { axis: 1, length: 5 }),
    ),
  ],
  PixelShuffle: [
    opCase("PixelShuffle, factor 2", { x: uniform([2, 8, 3, 5]) }, ({ x }) => pixelShuffle(x, 2)),
    opCase("PixelShuffle, factor 3, batch 1", { x: uniform([1, 9, 2, 1]) }, ({ x }) => pixelShuffle(x, 3)),
  ],
  PixelUnshuffle: [
    opCase("PixelUnshuffle, factor 2", { x: uniform([2, 2, 6, 10]) }, ({ x }) => pixelUnshuffle(x, 2)),
    opCase("PixelUnshuffle, factor 3, batch 1", { x: uniform([1, 1, 6, 3]) }, ({ x }) => pixelUnshuffle(x, 3)),
  ],
} satisfies Partial<Cases>;

/** No padding of pictures and channels, and before and after the height and the width. */
function around(height: readonly [number, number], width: readonly [number, number]): m.Padding {
  return [[0, 0], [0, 0], height, width];
}
