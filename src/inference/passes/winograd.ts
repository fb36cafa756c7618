import { relu } from "../../graph/ops/activation.ts";
import { matmul } from "../../graph/ops/matmul.ts";
import { reshape } from "../../graph/ops/movement.ts";
import { constant, type Tensor } from "../../graph/tensor.ts";
import {
  innerSide as inner,
  inputTransform,
  kernelTransform2d,
  kroneckerSquare,
  outerSide as outer,
  outputTransform,
} from "../../util/winograd-matrices.ts";
import { type Columns, type Grid, outside, pickRows, type PixelRows, plainColumns, withOnes } from "./pixel-rows.ts";

/** Tiles that are worked on at a time: enough for fast matrix products, few enough for the caches. */
const tilesAtATime = 168;
/** Nodes grow with the blocks of tiles, and nodes take time to load. */
const mostBlocks = 64;

/** Below so many tiles the transformed weights, four times as large, take more memory than they save time. */
export const leastTiles = 96;

/** Tiles of output that pictures are cut into. */
export function tilesOf([n, height, width]: Grid): number {
  return n * Math.ceil(height / outer) * Math.ceil(width / outer);
}

/**
 * A 3×3 convolution of stride 1 and padding 1, with weight [k, c, 3, 3] and bias [k], and with a ReLU behind it where
 * `activated`. Its rows are in the order of the tiles.
 */
export function winogradRows(
  x: PixelRows,
  weight: Float32Array,
  bias: Float32Array | null,
  activated: boolean,
  memory: WinogradMemory,
): PixelRows {
  const from = withOnes(x);
  const k = weight.length / (9 * from.columns.channels.length);
  // The layout of the input is kept where it serves, for a sum with what came in is then one addition.
  const keeps = k === from.columns.channels.length;
  const to: Columns = keeps ? { ...from.columns, one: { ...from.columns.one, value: 1 } } : plainColumns(k);
  const kernels = memory.kernels(weight, from.columns, to, () => transformedKernels(from.columns, to, weight, bias));
  const tiling = memory.tiling(x.grid);
  const blocks = tiling.blocks.map((tiles) => {
    const y = convolveTiles(pickRows(from.blocks, tapsOf(from, tiles)), tiles.length, kernels);
    return activated ? relu(y) : y;
  });
  return { blocks, at: tiling.at, grid: x.grid, columns: to };
}

/** What the convolutions of one graph share: large constants, and the order of tiles, so that sums need not move rows. */
export class WinogradMemory {
  readonly #kernels = new Map<Float32Array, { readonly columns: string; readonly kernels: Tensor }>();
  readonly #tilings = new Map<string, Tiling>();

  /** The transformed kernels of some weights, which a model may use often. */
  kernels(weight: Float32Array, from: Columns, to: Columns, make: () => Tensor): Tensor {
    const columns = JSON.stringify([from, to]);
    const known = this.#kernels.get(weight);
    if (known?.columns === columns) return known.kernels;
    const kernels = make();
    this.#kernels.set(weight, { columns, kernels });
    return kernels;
  }

  /** The tiles of pictures of a size. */
  tiling(grid: Grid): Tiling {
    const tiling = this.#tilings.get(grid.join("×")) ?? makeTiling(grid);
    this.#tilings.set(grid.join("×"), tiling);
    return tiling;
  }
}

/** What turns whole tiles, their taps one after the other: [36, 36] and [16, 36]. */
const [input2d, output2d] = [kroneckerSquare(inputTransform, inner), kroneckerSquare(outputTransform, inner)];

/** Input tiles [36·tiles, c], tap by tap, to output tiles [16·tiles, k], pixel by pixel. */
function convolveTiles(taps: Tensor, tiles: number, kernels: Tensor): Tensor {
  const [, k, c] = kernels.shape as [number, number, number];
  const [bt, at] = [constant(input2d, [inner ** 2, inner ** 2]), constant(output2d, [outer ** 2, inner ** 2])];
  const factors = matmul(bt, reshape(taps, [inner ** 2, tiles * c]));
  const products = matmul(reshape(factors, [inner ** 2, tiles, c]), kernels, { transposeB: true });
  const pixels = matmul(at, reshape(products, [inner ** 2, tiles * k]));
  return reshape(pixels, [outer ** 2 * tiles, k]);
}

/** G·kernel·Gᵀ of every pair of channels, [36, columns of the output, columns of the input]. */
function transformedKernels(from: Columns, to: Columns, weight: Float32Array, bias: Float32Array | null): Tensor {
  const [inputs, outputs] = [from.channels, to.channels];
  const size = to.count * from.count;
  const kernels = new Float32Array(9 * size);
  for (let out = 0, next = 0; out < outputs.length; out++)
    for (let c = 0; c < inputs.length; c++) {
      const end = next + 9;
      for (let place = outputs[out]! * from.count + inputs[c]!; next < end; place += size)
        kernels[place] = weight[next++]!;
    }
  // The column of ones takes the bias to the middle of the kernel, where no padding is.
  const one = from.one!;
  const middle = (column: number): number => 4 * size + column * from.count + one.column;
  if (bias) for (const [out, column] of outputs.entries()) kernels[middle(column)] = bias[out]! / one.value;
  kernels[middle(to.one!.column)] = 1 / one.value;
  // The runtime multiplies it out once, when it loads the program.
  const twice = constant(kernelTransform2d, [inner * inner, 9]);
  return reshape(matmul(twice, constant(kernels, [9, size])), [inner * inner, to.count, from.count]);
}

/** An output tile by its picture, row and column. */
type Tile = readonly [i: number, y: number, x: number];

interface Tiling {
  readonly blocks: readonly (readonly Tile[])[];
  /** The row of each pixel where the rows of a block lie pixel by pixel, and of each pixel tile by tile. */
  readonly at: Int32Array;
}

/** The tiles of pictures, in blocks. */
function makeTiling([n, height, width]: Grid): Tiling {
  const [down, across] = [Math.ceil(height / outer), Math.ceil(width / outer)];
  const tiles: Tile[] = [];
  for (let i = 0; i < n; i++) for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) tiles.push([i, y, x]);
  const count = Math.max(Math.min(Math.round(tiles.length / tilesAtATime), mostBlocks), 1);
  const length = Math.ceil(tiles.length / count);
  // The runtime keeps memory for each shape of a value: all blocks have one. The last tile fills up the last block.
  while (tiles.length < count * length) tiles.push(tiles.at(-1)!);
  const blocks = Array.from({ length: count }, (_, b) => tiles.slice(b * length, (b + 1) * length));
  const at = new Int32Array(n * height * width);
  let first = 0;
  for (const block of blocks) {
    for (const [t, [i, tileY, tileX]] of block.entries())
      for (let pixel = 0; pixel < outer * outer; pixel++) {
        const [y, x] = [tileY * outer + Math.floor(pixel / outer), tileX * outer + (pixel % outer)];
        if (y < height && x < width) at[(i * height + y) * width + x] = first + pixel * block.length + t;
      }
    first += outer * outer * block.length;
  }
  return { blocks, at };
}

/** The rows under each tap of each input tile, [36·tiles]. */
function tapsOf({ at, grid: [, height, width] }: PixelRows, tiles: readonly Tile[]): Int32Array {
  const rows = new Int32Array(inner * inner * tiles.length).fill(outside);
  for (const [t, [i, tileY, tileX]] of tiles.entries())
    for (let tap = 0; tap < inner * inner; tap++) {
      const [y, x] = [tileY * outer - 1 + Math.floor(tap / inner), tileX * outer - 1 + (tap % inner)];
      if (y >= 0 && x >= 0 && y < height && x < width) rows[tap * tiles.length + t] = at[(i * height + y) * width + x]!;
    }
  return rows;
}
