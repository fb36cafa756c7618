import { relu } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/elementwise.ts";
import { gather } from "../../graph/ops/gather.ts";
import { matmul } from "../../graph/ops/matmul.ts";
import { concat, reshape, slice, transpose } from "../../graph/ops/movement.ts";
import { nearestSource } from "../../graph/ops/resize.ts";
import { constant, full, type Tensor } from "../../graph/tensor.ts";

/** Count, height and width of pictures. */
export type Grid = readonly [n: number, height: number, width: number];

/** What the columns of a matrix of pixels hold. */
export interface Columns {
  /** How many there are. */
  readonly count: number;
  /** The column of each channel. */
  readonly channels: Int32Array;
  /** A column that holds `value` in the row of every pixel; null if there is none. */
  readonly one: { readonly column: number; readonly value: number } | null;
}

/**
 * Pictures channels last, as a matrix with a row for each pixel in any order. With a column of ones, a bias is a weight
 * like any other (homogeneous coordinates): then matrix products need no sums behind them.
 */
export interface PixelRows {
  /**
   * The matrix in blocks of rows, float32 [rows, columns.count] each. What follows is made block by block too, from the
   * blocks it needs: so a picture is worked on in strips that fit the caches, and never has to be there as a whole.
   */
  readonly blocks: readonly Tensor[];
  /** The row of each pixel, [n·height·width], counted through all blocks. Rows that are no pixel's hold anything. */
  readonly at: Int32Array;
  readonly grid: Grid;
  readonly columns: Columns;
}

/** Stands for a row of zeros where rows are picked: what lies outside a picture. */
export const outside = -1;

/** Channels in their order, then a column of ones. */
export function plainColumns(channels: number): Columns {
  return { count: channels + 1, channels: counting(channels), one: { column: channels, value: 1 } };
}

/** Pictures float32 [n, c, h, w] as rows in the order of their pixels. */
export function rowsOfPicture(x: Tensor): PixelRows {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const columns = { count: c, channels: counting(c), one: null };
  const blocks = [reshape(transpose(x, [0, 2, 3, 1]), [n * h * w, c])];
  return { blocks, at: counting(n * h * w), grid: [n, h, w], columns };
}

/** Rows as pictures float32 [n, c, h, w]. */
export function pictureOfRows(x: PixelRows): Tensor {
  const [n, h, w] = x.grid;
  const pixels = pickRows(onlyChannels(x).blocks, x.at);
  return transpose(reshape(pixels, [n, h, w, x.columns.channels.length]), [0, 3, 1, 2]);
}

/** Rows picked from blocks [rows, …], counted through all of them; zeros for `outside`. */
export function pickRows(blocks: readonly Tensor[], rows: Int32Array): Tensor {
  // The place of each row among those that are copied together, plus one; 0 for a row that is not.
  const places = new Int32Array(blocks.reduce((sum, block) => sum + lengthOf(block), 0));
  for (let i = 0; i < rows.length; i++) if (rows[i] !== outside) places[rows[i]!] = 1;
  const pieces: Tensor[] = [];
  let [start, count] = [0, 0];
  for (const block of blocks) {
    const end = start + lengthOf(block);
    const picked = wantedRows(places.subarray(start, end));
    if (picked.length > 0) {
      const whole = picked.length > (end - start) / 2;
      pieces.push(whole ? block : gather(block, picked, 0));
      if (whole) for (let row = start; row < end; row++) places[row] = ++count;
      else for (const own of picked) places[start + own] = ++count;
    }
    start = end;
  }
  if (rows.includes(outside)) pieces.push(full([1, ...pieces[0]!.shape.slice(1)], 0));
  const matrix = pieces.length === 1 ? pieces[0]! : concat(pieces, 0);
  const indices = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) indices[i] = rows[i] === outside ? count : places[rows[i]!]! - 1;
  return isCounting(indices, count) ? matrix : gather(matrix, indices, 0);
}

/** The places of what is not 0. */
function wantedRows(marks: Int32Array): Int32Array {
  const rows = new Int32Array(marks.length);
  let count = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row] !== 0) rows[count++] = row;
  return rows.slice(0, count);
}

function isCounting(values: Int32Array, length: number): boolean {
  return values.length === length && values.every((value, i) => value === i);
}

/** The columns of the channels in their order, and no others. */
export function onlyChannels(x: PixelRows): PixelRows {
  const { channels, count } = x.columns;
  const columns = { count: channels.length, channels: counting(channels.length), one: null };
  if (!channels.every((column, i) => column === i))
    return { ...x, columns, blocks: x.blocks.map((rows) => gather(rows, channels, 1)) };
  if (channels.length === count) return x;
  return { ...x, columns, blocks: x.blocks.map((rows) => slice(rows, 1, 0, channels.length)) };
}

/** With a column of ones, added where there is none. */
export function withOnes(
  x: PixelRows,
): PixelRows & { readonly columns: { readonly one: NonNullable<Columns["one"]> } } {
  const { one, count } = x.columns;
  if (one) return { ...x, columns: { ...x.columns, one } };
  const blocks = x.blocks.map((rows) => concat([rows, full([rows.shape[0]!, 1], 1)], 1));
  return { ...x, blocks, columns: { ...x.columns, count: count + 1, one: { column: count, value: 1 } } };
}

export function reluRows(x: PixelRows): PixelRows {
  return { ...x, blocks: x.blocks.map(relu) };
}

/** The sum of pictures of one shape. */
export function addRows(x: PixelRows, y: PixelRows): PixelRows {
  const [p, q] = [x.columns, y.columns];
  const fits =
    p.count === q.count && p.channels.every((column, i) => column === q.channels[i]) && p.one?.column === q.one?.column;
  if (!fits) return addRows(onlyChannels(x), onlyChannels(y));
  const [a, b] = together([x, y]) as [PixelRows, PixelRows];
  const one = p.one && { column: p.one.column, value: p.one.value + q.one!.value };
  return { ...a, blocks: a.blocks.map((rows, i) => add(rows, b.blocks[i]!)), columns: { ...p, one } };
}

/** Channels side by side. */
export function concatRows(parts: readonly PixelRows[]): PixelRows {
  const sides = together(parts);
  const starts = sides.map((_, i) => sides.slice(0, i).reduce((sum, { columns }) => sum + columns.count, 0));
  const channels = sides.flatMap(({ columns }, i) => [...columns.channels].map((column) => starts[i]! + column));
  const [one = null] = sides.flatMap(({ columns: { one: own } }, i) =>
    own ? [{ ...own, column: starts[i]! + own.column }] : [],
  );
  const blocks = sides[0]!.blocks.map((_, b) =>
    concat(
      sides.map((side) => side.blocks[b]!),
      1,
    ),
  );
  const columns = { count: blocks[0]!.shape[1]!, channels: Int32Array.from(channels), one };
  return { ...sides[0]!, blocks, columns };
}

/** Where rows lie. */
interface Arrangement {
  readonly at: Int32Array;
  readonly lengths: readonly number[];
}

/** The same pictures with their rows in one arrangement: that of the one that would be costliest to move. */
function together(parts: readonly PixelRows[]): PixelRows[] {
  const cost = ({ columns, blocks }: PixelRows): number => columns.count + blocks.length / 1000;
  const [costliest] = parts.filter(hasOwnRows).toSorted((a, b) => cost(b) - cost(a));
  const { at, blocks } = costliest ?? parts[0]!;
  const to = costliest ? { at, lengths: blocks.map(lengthOf) } : { at: counting(at.length), lengths: [at.length] };
  return parts.map((part) => arranged(part, to));
}

/** Whether no two pixels share a row. */
function hasOwnRows({ at, blocks }: PixelRows): boolean {
  const taken = new Uint8Array(blocks.reduce((sum, rows) => sum + lengthOf(rows), 0));
  return at.every((row) => {
    const free = taken[row] === 0;
    taken[row] = 1;
    return free;
  });
}

function arranged(x: PixelRows, to: Arrangement): PixelRows {
  const same = x.blocks.length === to.lengths.length && x.blocks.every((rows, i) => lengthOf(rows) === to.lengths[i]);
  if (same && (x.at === to.at || x.at.every((row, i) => row === to.at[i]))) return x;
  const from = new Int32Array(to.lengths.reduce((sum, length) => sum + length)).fill(outside);
  for (const [pixel, row] of to.at.entries()) from[row] = x.at[pixel]!;
  // Rows that are no pixel's take what their neighbours take.
  for (let row = 1; row < from.length; row++) if (from[row] === outside) from[row] = from[row - 1]!;
  let start = 0;
  const blocks = to.lengths.map((length) => pickRows(x.blocks, from.subarray(start, (start += length))));
  return { ...x, blocks, at: to.at };
}

function lengthOf(rows: Tensor): number {
  return rows.shape[0]!;
}

/** Pictures of another size, each pixel its nearest neighbour's: the same rows, found elsewhere. */
export function resizeRows(x: PixelRows, [height, width]: readonly [number, number]): PixelRows {
  const [n, h, w] = x.grid;
  const at = pixels([n, height, width], (i, y, column) => {
    return x.at[(i * h + nearestSource(y, h, height)) * w + nearestSource(column, w, width)]!;
  });
  return { ...x, at, grid: [n, height, width] };
}

/**
 * A 1×1 convolution with weight [k, c] and bias [k]: one matrix product. With a `factor` above 1 its pixels are shuffled
 * (PyTorch's pixel_shuffle), which takes nothing but the right order of the weights.
 */
export function pointwiseRows(x: PixelRows, weight: Float32Array, bias: Float32Array | null, factor = 1): PixelRows {
  const from = withOnes(x);
  const { count, channels, one } = from.columns;
  const k = weight.length / channels.length;
  const parts = factor * factor;
  const to = plainColumns(k / parts);
  const width = parts * to.count;
  const matrix = new Float32Array(count * width);
  const ones = one.column * width;
  for (let filter = 0, next = 0; filter < k; filter++) {
    const column = (filter % parts) * to.count + Math.floor(filter / parts);
    for (let c = 0; c < channels.length; c++) matrix[channels[c]! * width + column] = weight[next++]!;
    if (bias) matrix[ones + column] = bias[filter]! / one.value;
  }
  for (let part = 0; part < parts; part++) matrix[ones + part * to.count + to.one!.column] = 1 / one.value;
  const weights = constant(matrix, [count, width]);
  const blocks = from.blocks.map((rows) => reshape(matmul(rows, weights), [rows.shape[0]! * parts, to.count]));
  return { ...shuffled(from, factor), blocks, columns: to };
}

/** Where the pixels lie once each row has become factor² rows. */
function shuffled(x: PixelRows, factor: number): PixelRows {
  if (factor === 1) return x;
  const [n, h, w] = x.grid;
  const grid: Grid = [n, h * factor, w * factor];
  const at = pixels(grid, (i, y, column) => {
    const row = x.at[(i * h + Math.floor(y / factor)) * w + Math.floor(column / factor)]!;
    return (row * factor + (y % factor)) * factor + (column % factor);
  });
  return { ...x, at, grid };
}

function pixels([n, height, width]: Grid, rowOf: (i: number, y: number, x: number) => number): Int32Array {
  const at = new Int32Array(n * height * width);
  let next = 0;
  for (let i = 0; i < n; i++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) at[next++] = rowOf(i, y, x);
  return at;
}

function counting(length: number): Int32Array {
  return new Int32Array(length).map((_, i) => i);
}
