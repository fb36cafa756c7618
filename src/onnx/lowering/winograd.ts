import {
  innerSide,
  inputTransform,
  kernelTransform2d,
  kroneckerSquare,
  outerSide,
  outputTransform,
  transposed,
} from "../../util/winograd-matrices.ts";
import type { ConvAttrs } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import type { Nchw } from "./conv-geometry.ts";
import { matmul } from "./matmul.ts";
import { type Grid, joinBlocks, pickTiles, pixelsLast, tilingOf, windowsOf } from "./winograd-tiles.ts";

/** With fewer channels, transforming takes longer than multiplying. */
const leastChannels = 32;
/** With fewer tiles, transforming the kernels takes longer than what they save. */
const leastTiles = 40;
/** With more pixels of tiles for each pixel of pictures, too much is worked out for nothing. */
const mostWaste = 1.6;

/** Whether tiles can do a convolution: of 3×3, stride 1 and padding 1. */
export function fitsTiles({ stride, dilation, groups, padding }: ConvAttrs, kernel: readonly number[]): boolean {
  const plain = groups === 1 && [...stride, ...dilation, ...padding].every((n) => n === 1);
  return plain && kernel.every((n) => n === 3);
}

/** Whether they do it faster. */
export function suitsTiles([n, c, height, width]: Nchw, k: number): boolean {
  const { blocks, tiles } = tilingOf([n, height, width]);
  const covered = blocks * tiles * outerSide * outerSide;
  return Math.min(c, k) >= leastChannels && blocks * tiles >= leastTiles && covered <= mostWaste * n * height * width;
}

/** Pictures to convolve, and the weight [k, c, 3, 3] of a convolution. */
interface Convolution {
  readonly x: Value;
  readonly weight: Value;
  readonly bias?: Value | undefined;
  readonly grid: Grid;
  /** Of the weight. */
  readonly channels: readonly [k: number, c: number];
}

/** x [n, c, h, w] convolved with the weight: [n, k, h, w]. */
export function winogradConv(b: GraphBuilder, convolution: Convolution): Value {
  const [k, c] = convolution.channels;
  const pixels = pixelsLast(b, convolution.x, c, convolution.grid);
  return convolveTiles(b, convolution, { pixels, from: c, to: k, transform: kernelTransform2d, transposeB: true });
}

/** The gradient of that by its input: x [n, k, h, w] convolved with the kernels turned by 180°, [n, c, h, w]. */
export function winogradScatter(b: GraphBuilder, convolution: Convolution): Value {
  const [k, c] = convolution.channels;
  const turned = kernelTransform2d.map((_, at) => kernelTransform2d[at - (at % 9) + 8 - (at % 9)]!);
  const pixels = gradientPixels(b, convolution.x, k, convolution.grid);
  return convolveTiles(b, convolution, { pixels, from: k, to: c, transform: turned, transposeB: false });
}

/** The gradients of a convolution by its input and by its weight both read that of its output: it is turned once. */
function gradientPixels(b: GraphBuilder, dy: Value, channels: number, grid: Grid): Value {
  return b.shared(`pixels of ${dy}`, () => pixelsLast(b, dy, channels, grid));
}

interface Direction {
  /** The pictures with channels last. */
  readonly pixels: Value;
  readonly from: number;
  readonly to: number;
  /** Of the kernels, 36×9. */
  readonly transform: Float32Array;
  readonly transposeB: boolean;
}

function convolveTiles(
  b: GraphBuilder,
  { weight, bias, grid, channels: [k, c] }: Omit<Convolution, "x">,
  { pixels: source, from, to, transform, transposeB }: Direction,
): Value {
  const tiling = tilingOf(grid);
  const { tiles, pictures, rows, across } = tiling;
  const windows = windowsOf(b, tiling, innerSide, 1);
  const taps = b.transpose(b.reshape(weight, [k * c, 9]), [1, 0]);
  const factors = innerSide * innerSide;
  const kernels = b.reshape(b.node("MatMul", [b.constant(transform, [factors, 9], "float32"), taps]), [factors, k, c]);
  const block = [pictures, rows * across * outerSide * outerSide, to] as const;
  const results = b.scan({
    elements: windows.elements,
    results: [{ shape: [pictures, to, block[1]], dtype: "float32" }],
    body: (element) => {
      const picked = pickTiles(b, source, from, tiling, windows, element);
      const inputs = bothWays(b, inputTransform, innerSide, picked, tiles * from);
      const products = matmul(b, b.reshape(inputs, [factors, tiles, from]), kernels, {
        transposeB,
        rankA: 3,
        rankB: 3,
      });
      const sums = b.reshape(products, [innerSide, innerSide * tiles * to]);
      const outputs = bothWays(b, outputTransform, innerSide, sums, tiles * to);
      const biased = bias ? b.node("Add", [b.reshape(outputs, [outerSide * outerSide * tiles, to]), bias]) : outputs;
      const pixels = b.transpose(
        b.reshape(biased, [outerSide, outerSide, pictures * rows, across, to]),
        [2, 0, 3, 1, 4],
      );
      return [b.transpose(b.reshape(pixels, block), [0, 2, 1])];
    },
  });
  return joinBlocks(b, results, to, tiling);
}

/** The gradient of a convolution by its weight [k, c, 3, 3], from its input and the gradient of its output. */
export function winogradWeight(
  b: GraphBuilder,
  { x, dy, grid, channels: [k, c] }: Omit<Convolution, "weight"> & { readonly dy: Value },
): Value {
  const tiling = tilingOf(grid);
  const { tiles } = tiling;
  const [inner, outer] = [windowsOf(b, tiling, innerSide, 1), windowsOf(b, tiling, outerSide, 0)];
  const [pixels, gradient] = [pixelsLast(b, x, c, grid), gradientPixels(b, dy, k, grid)];
  const factors = innerSide * innerSide;
  const shape = [factors, k, c];
  const sums = b.scan({
    states: [{ value: b.node("ConstantOfShape", [b.ints(shape)]), shape, dtype: "float32" }],
    elements: [...inner.elements, ...outer.elements],
    body: ([sum, ...element]) => {
      const picked = pickTiles(b, pixels, c, tiling, inner, element.slice(0, inner.elements.length));
      const inputs = bothWays(b, inputTransform, innerSide, picked, tiles * c);
      const gradients = pickTiles(b, gradient, k, tiling, outer, element.slice(inner.elements.length));
      const spread = bothWays(b, transposed(outputTransform, outerSide), outerSide, gradients, tiles * k);
      const [left, right] = [b.reshape(spread, [factors, tiles, k]), b.reshape(inputs, [factors, tiles, c])];
      return [b.node("Add", [sum!, matmul(b, left, right, { transposeA: true, rankA: 3, rankB: 3 })])];
    },
  });
  const back = b.constant(transposed(kernelTransform2d, factors), [9, factors], "float32");
  const taps = b.node("MatMul", [back, b.reshape(sums, [factors, k * c])]);
  return b.reshape(b.transpose(taps, [1, 0]), [k, c, 3, 3]);
}

/** m·tile·mᵀ for matrices m [·, side] and tiles [side², length], tap by tap. */
function bothWays(b: GraphBuilder, matrix: Float32Array, side: number, tiles: Value, length: number): Value {
  const square = kroneckerSquare(matrix, side);
  const m = b.constant(square, [square.length / side ** 2, side ** 2], "float32");
  return b.node("MatMul", [m, b.reshape(tiles, [side ** 2, length])]);
}
