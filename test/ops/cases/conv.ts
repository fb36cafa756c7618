import {
  Conv,
  type ConvAttrs,
  ConvTranspose,
  ConvWeightGrad,
  conv2d,
  convTranspose2d,
} from "../../../src/graph/ops/conv.ts";
import { uniform } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

/** A convolution's geometry, in the words of the table below. */
interface Geometry {
  readonly x: readonly [n: number, c: number, h: number, w: number];
  readonly out: number;
  readonly kernel: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [top: number, left: number, bottom: number, right: number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
  readonly bias?: boolean;
  readonly twice?: boolean;
}

const around = (n: number): [number, number, number, number] => [n, n, n, n];

/** Every kind of geometry that networks use, and those at which a lowering can go wrong. */
export const geometries = {
  "1×1": { x: [1, 3, 7, 9], out: 4, kernel: [1, 1], bias: true, twice: true },
  "1×1, batch 3": { x: [3, 3, 5, 1], out: 2, kernel: [1, 1] },
  "1×1 on one pixel": { x: [1, 8, 1, 1], out: 4, kernel: [1, 1] },
  "1×1, stride 2": { x: [2, 3, 5, 11], out: 4, kernel: [1, 1], stride: [2, 2] },
  "1×1, padding 1": { x: [1, 2, 3, 5], out: 3, kernel: [1, 1], padding: around(1), bias: true },
  "1×1, groups 2": { x: [2, 4, 3, 5], out: 6, kernel: [1, 1], groups: 2 },
  "3×3": { x: [1, 2, 5, 11], out: 3, kernel: [3, 3], bias: true },
  "3×3, padding 1": { x: [1, 3, 7, 9], out: 4, kernel: [3, 3], padding: around(1), bias: true, twice: true },
  "3×3, padding 1, batch 3": { x: [3, 3, 7, 9], out: 2, kernel: [3, 3], padding: around(1) },
  "3×3, padding 1, many channels, few pixels": { x: [3, 8, 2, 3], out: 9, kernel: [3, 3], padding: around(1) },
  "3×3, padding 1, many channels, one picture": { x: [1, 9, 2, 2], out: 8, kernel: [3, 3], padding: around(1) },
  "3×3, padding 2": { x: [1, 2, 5, 3], out: 3, kernel: [3, 3], padding: around(2) },
  "3×3, padding 3": { x: [1, 2, 3, 4], out: 2, kernel: [3, 3], padding: around(3) },
  "3×3, uneven padding": { x: [2, 2, 5, 6], out: 3, kernel: [3, 3], padding: [0, 1, 2, 1] },
  "3×3, uneven padding, stride 2": { x: [2, 2, 6, 6], out: 3, kernel: [3, 3], padding: [0, 1, 2, 1], stride: [2, 2] },
  "3×3, stride 2, padding 1": {
    x: [2, 3, 7, 9],
    out: 4,
    kernel: [3, 3],
    stride: [2, 2],
    padding: around(1),
    bias: true,
    twice: true,
  },
  "3×3, stride 2, padding 1, last row and column unused": {
    x: [1, 3, 8, 10],
    out: 4,
    kernel: [3, 3],
    stride: [2, 2],
    padding: around(1),
  },
  "3×3, stride 3, last rows and columns unused": { x: [2, 2, 8, 10], out: 3, kernel: [3, 3], stride: [3, 3] },
  "3×3, stride 2 by 1": { x: [1, 2, 7, 5], out: 3, kernel: [3, 3], stride: [2, 1], padding: around(1) },
  "5×3, padding 2 by 1": { x: [2, 2, 7, 5], out: 3, kernel: [5, 3], padding: [2, 1, 2, 1], bias: true },
  "7×7, stride 2, padding 3": { x: [1, 2, 9, 11], out: 3, kernel: [7, 7], stride: [2, 2], padding: around(3) },
  "7×7, stride 2, padding 3, even size": {
    x: [2, 1, 10, 12],
    out: 2,
    kernel: [7, 7],
    stride: [2, 2],
    padding: around(3),
    bias: true,
  },
  "3×3, dilation 2, padding 2": { x: [2, 2, 7, 5], out: 3, kernel: [3, 3], dilation: [2, 2], padding: around(2) },
  "3×3, dilation 1 by 2, stride 2": { x: [1, 2, 6, 9], out: 3, kernel: [3, 3], dilation: [1, 2], stride: [2, 2] },
  "3×3, groups 2": { x: [3, 4, 5, 7], out: 6, kernel: [3, 3], padding: around(1), groups: 2, bias: true, twice: true },
  "3×3, groups 2, stride 2": { x: [1, 4, 6, 7], out: 2, kernel: [3, 3], stride: [2, 2], padding: around(1), groups: 2 },
  "3×3, depthwise": { x: [2, 4, 5, 7], out: 4, kernel: [3, 3], padding: around(1), groups: 4 },
  "3×3, depthwise, two outputs a channel": { x: [1, 3, 5, 7], out: 6, kernel: [3, 3], padding: around(1), groups: 3 },
  "3×3, depthwise, stride 2, dilation 2": {
    x: [1, 3, 9, 8],
    out: 3,
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [2, 2],
    padding: around(2),
    groups: 3,
    bias: true,
  },
  "5×5, depthwise, stride 2, uneven padding": {
    x: [2, 3, 6, 8],
    out: 3,
    kernel: [5, 5],
    stride: [2, 2],
    padding: [1, 1, 2, 2],
    groups: 3,
  },
  "2×2, stride 2, last row and column unused": { x: [3, 2, 7, 9], out: 3, kernel: [2, 2], stride: [2, 2] },
  "2×2, stride 1, padding 1": { x: [1, 2, 3, 4], out: 2, kernel: [2, 2], padding: around(1) },
  "kernel smaller than the stride": { x: [1, 2, 8, 7], out: 2, kernel: [2, 1], stride: [3, 2] },
  "kernel as large as the picture": { x: [2, 2, 5, 7], out: 3, kernel: [5, 7] },
} as const satisfies Record<string, Geometry>;

type Name = keyof typeof geometries;

function attributes(g: Geometry): ConvAttrs {
  const { stride = [1, 1], padding = around(0), dilation = [1, 1], groups = 1 } = g;
  return { stride, padding, dilation, groups };
}

function weight({ x, out, kernel, groups = 1 }: Geometry): readonly number[] {
  return [out, x[1] / groups, ...kernel];
}

function output(g: Geometry): readonly number[] {
  const { stride, padding, dilation } = attributes(g);
  const length = (i: 0 | 1): number =>
    Math.floor((g.x[2 + i]! + padding[i] + padding[i + 2]! - dilation[i] * (g.kernel[i] - 1) - 1) / stride[i]) + 1;
  return [g.x[0], g.out, length(0), length(1)];
}

function conv(name: Name): Case {
  const g: Geometry = geometries[name];
  const options = { twice: g.twice ?? false };
  const leaves = { x: uniform(g.x), w: uniform(weight(g)) };
  return g.bias
    ? opCase(
        `Conv, ${name}`,
        { ...leaves, b: uniform([g.out]) },
        ({ x, w, b }) => Conv([x, w, b], attributes(g)),
        options,
      )
    : opCase(`Conv, ${name}`, leaves, ({ x, w }) => Conv([x, w, null], attributes(g)), options);
}

/** The adjoint in x of the convolution of the same name: its input is the other's output. */
function convTranspose(name: Name): Case {
  const g: Geometry = geometries[name];
  return opCase(
    `ConvTranspose, ${name}`,
    { y: uniform(output(g)), w: uniform(weight(g)) },
    ({ y, w }) => ConvTranspose([y, w], { ...attributes(g), size: [g.x[2], g.x[3]] }),
    { twice: g.twice ?? false },
  );
}

/** The adjoint in the weight of the convolution of the same name. */
function convWeightGrad(name: Name): Case {
  const g: Geometry = geometries[name];
  return opCase(
    `ConvWeightGrad, ${name}`,
    { x: uniform(g.x), dy: uniform(output(g)) },
    ({ x, dy }) => ConvWeightGrad([x, dy], { ...attributes(g), kernel: g.kernel }),
    { twice: g.twice ?? false },
  );
}

const [first, ...others] = Object.keys(geometries) as [Name, ...Name[]];
const over = (make: (name: Name) => Case): [Case, ...Case[]] => [make(first), ...others.map(make)];

/** The functions that users call, with options instead of attributes. */
const conv2dCases: readonly Case[] = [
  opCase("conv2d", { x: uniform([1, 2, 5, 7]), w: uniform([3, 2, 3, 3]), b: uniform([3]) }, ({ x, w, b }) =>
    conv2d(x, w, b),
  ),
  opCase("conv2d, options for each axis", { x: uniform([2, 4, 9, 8]), w: uniform([6, 2, 2, 3]) }, ({ x, w }) =>
    conv2d(x, w, null, { stride: [2, 1], padding: [0, 2], dilation: [1, 2], groups: 2 }),
  ),
  opCase("conv2d, same padding", { x: uniform([1, 2, 6, 7]), w: uniform([3, 2, 3, 3]) }, ({ x, w }) =>
    conv2d(x, w, null, { stride: 2, padding: "same" }),
  ),
];

const convTranspose2dCases: readonly Case[] = [
  opCase("convTranspose2d", { y: uniform([2, 3, 4, 5]), w: uniform([3, 2, 2, 2]) }, ({ y, w }) =>
    convTranspose2d(y, w, { stride: 2 }),
  ),
  opCase("convTranspose2d, output padding", { y: uniform([1, 2, 3, 5]), w: uniform([2, 3, 3, 3]) }, ({ y, w }) =>
    convTranspose2d(y, w, { stride: 2, padding: 1, outputPadding: 1 }),
  ),
  opCase("convTranspose2d, options for each axis", { y: uniform([2, 4, 3, 5]), w: uniform([4, 3, 2, 3]) }, ({ y, w }) =>
    convTranspose2d(y, w, { stride: [3, 1], padding: [0, 1], dilation: [1, 2], groups: 2, outputPadding: [2, 0] }),
  ),
];

export const convCases = {
  Conv: [...over(conv), ...conv2dCases],
  ConvTranspose: [...over(convTranspose), ...convTranspose2dCases],
  ConvWeightGrad: over(convWeightGrad),
} satisfies Partial<Cases>;
