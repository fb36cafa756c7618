import type { RgbImage } from "../image.ts";

/**
 * How a picture looks from afar, for finding copies of it that were resized, saved again or changed a little: plain data
 * of fixed size.
 */
export interface Look {
  /** 64 bits: whether a cell of a coarse grid is brighter than the one left of it ("difference hash"). */
  readonly hash: Uint8Array;
  /** Brightness 0–255 of the cells of a finer grid, `gridRows` × `gridColumns`. */
  readonly grid: Uint8Array;
}

/** The hash compares 8 × 9 cells; each is 2 × 2 of the grid's. */
const hashRows = 8;
const hashColumns = 9;
const gridRows = 2 * hashRows;
const gridColumns = 2 * hashColumns;

/** No more pixels of a picture than this go into its look. */
const sampled = 1_000_000;

/** The look of a picture of any size: means of brightness over the cells of a grid. */
export function lookOf(image: RgbImage): Look {
  const grid = brightnessGrid(image);
  const cell = (row: number, column: number): number => {
    const at = 2 * row * gridColumns + 2 * column;
    return grid[at]! + grid[at + 1]! + grid[at + gridColumns]! + grid[at + gridColumns + 1]!;
  };
  const hash = new Uint8Array(hashRows);
  for (let row = 0; row < hashRows; row++)
    for (let column = 1; column < hashColumns; column++)
      if (cell(row, column) > cell(row, column - 1)) hash[row]! |= 1 << (column - 1);
  return { hash, grid: Uint8Array.from(grid, Math.round) };
}

/** Means of brightness (ITU-R BT.601) over equal cells. */
function brightnessGrid({ data, height, width }: RgbImage): Float64Array {
  const step = Math.max(Math.floor(Math.sqrt((height * width) / sampled)), 1);
  const sums = new Float64Array(gridRows * gridColumns);
  const counts = new Uint32Array(sums.length);
  // Pictures smaller than the grid lend each cell the pixel at its place.
  const rows = Math.max(Math.ceil(height / step), gridRows);
  const columns = Math.max(Math.ceil(width / step), gridColumns);
  const column = Uint32Array.from({ length: columns }, (_, j) => 3 * Math.floor((j * width) / columns));
  const cellOf = Uint32Array.from({ length: columns }, (_, j) => Math.floor((j * gridColumns) / columns));
  for (let i = 0; i < rows; i++) {
    const row = 3 * width * Math.floor((i * height) / rows);
    const firstCell = gridColumns * Math.floor((i * gridRows) / rows);
    for (let j = 0; j < columns; j++) {
      const at = row + column[j]!;
      const cell = firstCell + cellOf[j]!;
      sums[cell]! += 299 * data[at]! + 587 * data[at + 1]! + 114 * data[at + 2]!;
      counts[cell]!++;
    }
  }
  return sums.map((sum, i) => sum / (1000 * counts[i]!));
}

const bitsOf = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** How many of the 64 bits differ. */
export function bitsBetween(a: Look, b: Look): number {
  let bits = 0;
  for (let i = 0; i < a.hash.length; i++) bits += bitsOf[a.hash[i]! ^ b.hash[i]!]!;
  return bits;
}

/** The mean difference of the grids, 0–255, where neither overall brightness nor contrast counts. */
export function differenceBetween(a: Look, b: Look): number {
  const [from, to] = [a.grid, b.grid];
  const [meanFrom, meanTo] = [mean(from), mean(to)];
  // The contrast of one as nearly as possible that of the other (least squares), within reason.
  let [product, square] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    product += (from[i]! - meanFrom) * (to[i]! - meanTo);
    square += (to[i]! - meanTo) ** 2;
  }
  const scale = Math.min(Math.max(square === 0 ? 1 : product / square, 0.5), 2);
  let sum = 0;
  for (let i = 0; i < from.length; i++) sum += Math.abs(from[i]! - meanFrom - scale * (to[i]! - meanTo));
  return sum / from.length;
}

function mean(grid: Uint8Array): number {
  let sum = 0;
  for (const value of grid) sum += value;
  return sum / grid.length;
}

/** Whether pictures are one picture to the eye: copies saved again, resized, brightened, or the next frame of a film. */
export function looksSame(a: Look, b: Look): boolean {
  return bitsBetween(a, b) <= nearBits && differenceBetween(a, b) <= nearDifference;
}

/** Bits in which the hashes of copies may differ: fewer than `hash` has bytes, so that one byte of them is always equal. */
export const nearBits = 7;
/** How far the grids of copies may be apart. */
export const nearDifference = 4;
