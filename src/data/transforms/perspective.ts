import { ConfigError } from "../../util/errors.ts";
import type { Matrix } from "./matrix.ts";

type Point = readonly [x: number, y: number];
type Corners = readonly [Point, Point, Point, Point];

/** The corners of a picture, in the order all corner transforms use: x first, top before bottom. */
const corners: Corners = [
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
];

/** Each corner moved by its own (dx, dy). */
export function perspective(magnitude: readonly number[], invert: boolean): Matrix {
  return moving(moved(magnitude), invert);
}

/** Sides tilted and stretched by four numbers: top and bottom of the right side, then of the left (fastai 1.0). */
export function symmetricWarping([a = 0, b = 0, c = 0, d = 0]: readonly number[], invert: boolean): Matrix {
  const target: Corners = [
    [-1 - d, -1 - b],
    [-1 - c, 1 + b],
    [1 + d, -1 - a],
    [1 + c, 1 + a],
  ];
  return moving(target, invert);
}

/** Tilts away on one side: 0 right, 1 left, 2 bottom, 3 top. */
export function tilting(direction: number, magnitude: number, invert: boolean): Matrix {
  const sides = [0, 1, 2, 3].map((side) => (side === direction ? magnitude : 0));
  return symmetricWarping(sides, invert);
}

/** Moves one coordinate of one corner outwards: corner ⌊direction / 2⌋, x for even directions and y for odd ones. */
export function skewing(direction: number, magnitude: number, invert: boolean): Matrix {
  const outwards = Math.sign(corners.flat()[direction]!);
  return perspective(
    Array.from({ length: 8 }, (_, i) => (i === direction ? outwards * magnitude : 0)),
    invert,
  );
}

function moved(magnitude: readonly number[]): Corners {
  const [a, b, c, d] = corners.map(([x, y], i): Point => [x + magnitude[2 * i]!, y + magnitude[2 * i + 1]!]);
  return [a!, b!, c!, d!];
}

function moving(target: Corners, invert: boolean): Matrix {
  return invert ? between(target, corners) : between(corners, target);
}

/**
 * The projective map that takes the target corners to the original ones.
 * @throws ConfigError for three corners on one line.
 */
function between(original: Corners, target: Corners): Matrix {
  const rows: number[][] = [];
  for (const [i, [x, y]] of target.entries()) {
    const [u, v] = original[i]!;
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  }
  const [a, b, c, d, e, f, g, h] = solve(rows);
  return [a!, b!, c!, d!, e!, f!, g!, h!, 1];
}

/** Gauss elimination with pivots of n rows of n coefficients and a right side. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    const pivot = rows.slice(i).reduce((best, row) => (Math.abs(row[i]!) > Math.abs(best[i]!) ? row : best));
    if (Math.abs(pivot[i]!) < 1e-9) {
      throw new ConfigError("transforms: a warp moves three corners of the picture onto one line", {
        hint: "Use magnitudes well below 1.",
      });
    }
    rows[rows.indexOf(pivot)] = rows[i]!;
    rows[i] = pivot;
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[i]! / pivot[i]!;
      for (let k = i; k <= n; k++) row[k]! -= factor * pivot[k]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}
