/** @file The matrices of the affine transforms (fastai 1.0 `vision.transform`): from an output point to where it reads. */
import type { Matrix } from "./matrix.ts";

/** Turns by degrees. Not yet corrected for the aspect of the picture: see `aspectCorrected`. */
export function rotation(degrees: number): Matrix {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, -sin, 0, sin, cos, 0, 0, 0, 1];
}

/** Scales both axes; shares place the window that stays, 0 (top, left) to 1. */
export function zooming(scale: number, rowPct: number, colPct: number): Matrix {
  return window(1 / scale, 1 / scale, rowPct, colPct);
}

/** Stretches columns by 1/scale for a scale up to 1, rows by scale for one above. */
export function squishing(scale: number, rowPct: number, colPct: number): Matrix {
  return scale <= 1 ? window(scale, 1, rowPct, colPct) : window(1, 1 / scale, rowPct, colPct);
}

/** One of the eight symmetries of a square: 1 swaps left and right, 2 top and bottom, 4 rows and columns. */
export function symmetry(k: number): Matrix {
  const sx = k & 1 ? -1 : 1;
  const sy = k & 2 ? -1 : 1;
  return k & 4 ? [0, sx, 0, sy, 0, 0, 0, 0, 1] : [sx, 0, 0, 0, sy, 0, 0, 0, 1];
}

/** The tries of a random resized crop: each an area, a ratio and whether it lies on its side. */
export interface WindowTries {
  /** By how much each try zooms in, as a ratio of areas: at least 1. */
  readonly scale: readonly number[];
  /** The ratio of the sides of each try. */
  readonly squish: readonly number[];
  readonly invert: readonly boolean[];
}

/**
 * The window of the first try that lies inside the picture, or else the largest square in its middle.
 * @param aspect width / height of the picture.
 */
export function zoomSquishing(
  { scale, squish, invert }: WindowTries,
  rowPct: number,
  colPct: number,
  aspect: number,
): Matrix {
  for (const [i, area] of scale.entries()) {
    const side = 1 / Math.sqrt(area);
    const ratio = Math.sqrt(squish[i]!);
    const [wide, high] = invert[i]! ? [side / ratio, side * ratio] : [side * ratio, side / ratio];
    if (wide <= 1 && high <= 1) return window(wide, high, rowPct, colPct);
  }
  return aspect > 1 ? window(1 / aspect, 1, 0.5, 0.5) : window(1, aspect, 0.5, 0.5);
}

/** A matrix for a picture that is not square, so that a rotation keeps angles: applied once, to the product of all. */
export function aspectCorrected([a, b, c, d, e, f, ...last]: Matrix, height: number, width: number): Matrix {
  return [a, (b * height) / width, c, (d * width) / height, e, f, ...last];
}

/** Reads only a window of the picture, a share of its width and height. */
function window(wide: number, high: number, rowPct: number, colPct: number): Matrix {
  return [wide, 0, (1 - wide) * (2 * colPct - 1), 0, high, (1 - high) * (2 * rowPct - 1), 0, 0, 1];
}
