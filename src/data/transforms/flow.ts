import { Random } from "../../util/random.ts";
import type { Size } from "../image.ts";
import { identity, isIdentity, multiply } from "./matrix.ts";
import type { Matrix } from "./matrix.ts";

/** Noise on every position of a grid: uniform within ± magnitude, in each coordinate. */
export interface Jitter {
  readonly magnitude: number;
  readonly seed: number;
}

/** Where each pixel of a grid reads the picture, from −1 to 1: one projective map, or a point for every pixel. */
export interface Flow {
  readonly grid: Size;
  readonly matrix: Matrix;
  /** (x, y) of every pixel, row by row; null where the matrix says it all. */
  readonly points: Float32Array | null;
}

/** The flow of a chain of maps, the first one applied first; null if nothing moves. */
export function chain(grid: Size, steps: readonly (Matrix | Jitter)[]): Flow | null {
  if (steps.some((step) => "magnitude" in step)) return { grid, matrix: identity, points: scatter(grid, steps) };
  const matrix = (steps as readonly Matrix[]).reduce((total, step) => multiply(step, total), identity);
  return isIdentity(matrix) ? null : { grid, matrix, points: null };
}

/** The i-th of n points from −1 to 1; one alone lies at −1. */
function onAxis(i: number, n: number): number {
  return n === 1 ? -1 : -1 + (2 * i) / (n - 1);
}

/**
 * Writes where some pixels of one grid row read the picture.
 * @param columns their columns; negative ones are skipped.
 */
export function flowRow(flow: Flow, y: number, columns: Int32Array, xs: Float32Array, ys: Float32Array): void {
  if (flow.points !== null) {
    const { width } = flow.grid;
    for (let i = 0; i < columns.length; i++) {
      const at = 2 * (y * width + columns[i]!);
      xs[i] = flow.points[at] ?? 0;
      ys[i] = flow.points[at + 1] ?? 0;
    }
    return;
  }
  const [step, a, x0, d, y0, g, z0] = rowMap(flow, y);
  for (let i = 0; i < columns.length; i++) {
    const u = columns[i]! * step - 1;
    const scale = 1 / (g * u + z0);
    xs[i] = (a * u + x0) * scale;
    ys[i] = (d * u + y0) * scale;
  }
}

/** The numbers that map the columns of one grid row. */
export type RowMap = readonly [step: number, a: number, x0: number, d: number, y0: number, g: number, z0: number];

/**
 * How a flow without points maps a grid row: with u = column · step − 1 it reads at (a · u + x0) / (g · u + z0),
 * (d · u + y0) / (g · u + z0).
 */
export function rowMap({ grid: { height, width }, matrix: [a, b, c, d, e, f, g, h, last] }: Flow, y: number): RowMap {
  const v = onAxis(y, height);
  return [width === 1 ? 0 : 2 / (width - 1), a, b * v + c, d, e * v + f, g, h * v + last];
}

/** The difference of the largest and the smallest number of a flow, x and y alike. */
export function spread(flow: Flow): number {
  const { height, width } = flow.grid;
  let [low, high] = [Infinity, -Infinity];
  const see = (values: Float32Array) => {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  };
  if (flow.points !== null) see(flow.points);
  else {
    // A projective map is largest and smallest at corners.
    const columns = Int32Array.of(0, width - 1);
    const [xs, ys] = [new Float32Array(2), new Float32Array(2)];
    for (const y of [0, height - 1]) {
      flowRow(flow, y, columns, xs, ys);
      see(xs);
      see(ys);
    }
  }
  return high - low;
}

/** A point for every pixel of the grid after all steps. */
function scatter({ height, width }: Size, steps: readonly (Matrix | Jitter)[]): Float32Array {
  const points = new Float32Array(2 * height * width);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 2) {
      points[at] = onAxis(x, width);
      points[at + 1] = onAxis(y, height);
    }
  }
  for (const step of steps) {
    if ("magnitude" in step) shake(points, step);
    else move(points, step);
  }
  return points;
}

function shake(points: Float32Array, { magnitude, seed }: Jitter): void {
  const random = new Random(seed);
  for (let i = 0; i < points.length; i++) points[i]! += random.between(-magnitude, magnitude);
}

function move(points: Float32Array, [a, b, c, d, e, f, g, h, last]: Matrix): void {
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    const z = g * x + h * y + last;
    points[i] = (a * x + b * y + c) / z;
    points[i + 1] = (d * x + e * y + f) / z;
  }
}
