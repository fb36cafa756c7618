import { sameSize } from "./image.ts";
import type { IdMask, RgbImage, Size } from "./image.ts";

/**
 * A resize along one axis as a sparse matrix: output i is Σ_k weights[i·width + k] · input[starts[i] + k]. Every output
 * has the same number of taps; those not needed weigh 0.
 */
interface Taps {
  readonly width: number;
  readonly starts: Int32Array;
  readonly weights: Float32Array;
}

/** A resize from one size to another, worked out once for rows and columns and used for every picture. */
export interface ResizePlan {
  readonly from: Size;
  readonly to: Size;
  /** Bilinear, for images. */
  readonly rows: Taps;
  readonly columns: Taps;
  /** The nearest input row and column of every output row and column, for masks. */
  readonly nearestRows: Int32Array;
  readonly nearestColumns: Int32Array;
}

/** A pixel value v (0–255) becomes scale[c] · v + shift[c]. */
export interface ChannelScale {
  readonly scale: readonly [number, number, number];
  readonly shift: readonly [number, number, number];
}

/**
 * The resize fastai calls SQUISH: corners stay on corners (`align_corners`), images are bilinear, masks nearest with
 * ties to the even row or column. Images that shrink by more than 2× in both directions are first averaged over areas.
 * Positions are computed in float32 as torch does, so that ties fall alike. (fastai 1.0 `apply_tfms`, torch
 * `grid_sample` and `adaptive_avg_pool2d`.)
 */
export function planResize(from: Size, to: Size): ResizePlan {
  const pooled = averagedSize(from, to);
  // A picture that has the right size already is not sampled at all: averages over one pixel are that pixel.
  const sample = sameSize(from, to) ? averageTaps : bilinearTaps;
  return {
    from,
    to,
    rows: compose(sample(pooled.height, to.height), averageTaps(from.height, pooled.height)),
    columns: compose(sample(pooled.width, to.width), averageTaps(from.width, pooled.width)),
    nearestRows: nearestIndices(from.height, to.height),
    nearestColumns: nearestIndices(from.width, to.width),
  };
}

/**
 * Resizes an image and writes it as float32 planes: 3 × height × width from `out[offset]` on.
 * @param mirror whether columns are written from right to left.
 */
export function resizeImageInto(
  out: Float32Array,
  offset: number,
  image: RgbImage,
  plan: ResizePlan,
  { scale, shift }: ChannelScale,
  mirror = false,
): void {
  const { height, width } = plan.to;
  const { starts, weights, width: taps } = plan.columns;
  const row = new Float32Array(image.width * 3);
  const plane = height * width;
  for (let y = 0; y < height; y++) {
    mixRows(row, image, plan.rows, y);
    for (let x = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let at = 3 * starts[x]!;
      for (let k = x * taps; k < (x + 1) * taps; k++, at += 3) {
        const weight = weights[k]!;
        red += weight * row[at]!;
        green += weight * row[at + 1]!;
        blue += weight * row[at + 2]!;
      }
      const to = offset + y * width + (mirror ? width - 1 - x : x);
      out[to] = red * scale[0] + shift[0];
      out[to + plane] = green * scale[1] + shift[1];
      out[to + 2 * plane] = blue * scale[2] + shift[2];
    }
  }
}

/**
 * Resizes a mask and writes its ids, height × width, from `out[offset]` on.
 * @param mirror whether columns are written from right to left.
 */
export function resizeMaskInto(out: Int32Array, offset: number, mask: IdMask, plan: ResizePlan, mirror = false): void {
  const { height, width } = plan.to;
  const { nearestRows, nearestColumns } = plan;
  for (let y = 0; y < height; y++) {
    const from = nearestRows[y]! * mask.width;
    const to = offset + y * width;
    for (let x = 0; x < width; x++) {
      out[mirror ? to + width - 1 - x : to + x] = mask.data[from + nearestColumns[x]!]!;
    }
  }
}

/**
 * Resizes planes of numbers (channels × height × width), such as logits, bilinearly with corners on corners: the
 * inverse of the mapping that training masks went through, so that predictions lie where the original picture has them.
 */
export function resizeBilinear(planes: Float32Array, channels: number, from: Size, to: Size): Float32Array {
  const rows = bilinearTaps(from.height, to.height);
  const columns = bilinearTaps(from.width, to.width);
  const out = new Float32Array(channels * to.height * to.width);
  const row = new Float32Array(from.width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < to.height; y++) {
      row.fill(0);
      for (let k = 0; k < rows.width; k++) {
        const weight = rows.weights[y * rows.width + k]!;
        const start = (c * from.height + rows.starts[y]! + k) * from.width;
        for (let x = 0; x < from.width; x++) row[x]! += weight * planes[start + x]!;
      }
      mixColumns(out, (c * to.height + y) * to.width, row, columns);
    }
  }
  return out;
}

/** One row of an image between its rows: the first, vertical half of a resize. */
function mixRows(row: Float32Array, image: RgbImage, { starts, weights, width }: Taps, y: number): void {
  const { data } = image;
  const length = row.length;
  let from = starts[y]! * length;
  const first = weights[y * width]!;
  for (let i = 0; i < length; i++) row[i] = first * data[from + i]!;
  for (let k = 1; k < width; k++) {
    const weight = weights[y * width + k]!;
    from += length;
    if (weight === 0) continue;
    for (let i = 0; i < length; i++) row[i]! += weight * data[from + i]!;
  }
}

function mixColumns(out: Float32Array, offset: number, row: Float32Array, { starts, weights, width }: Taps): void {
  for (let x = 0; x < starts.length; x++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += weights[x * width + k]! * row[starts[x]! + k]!;
    out[offset + x] = sum;
  }
}

/** The size an image is averaged to before it is sampled (its own where it shrinks by less than 2×). */
function averagedSize(from: Size, to: Size): Size {
  const d = Math.min(from.height / to.height, from.width / to.width) / 2;
  const spread = to.height > 1 || to.width > 1 ? 1 : Infinity;
  if (d <= 1 || d <= spread) return from;
  return { height: Math.floor(from.height * (1 / d)), width: Math.floor(from.width * (1 / d)) };
}

/** The position in the input, in pixels, of every output row or column. */
function positions(from: number, to: number): Float32Array {
  const step = Math.fround(2 / (to - 1));
  const half = Math.fround((from - 1) / 2);
  return Float32Array.from({ length: to }, (_, i) => {
    // torch's linspace(−1, 1, to): from whichever end is nearer. One point alone lies at −1.
    const g =
      to === 1 ? -1 : i < Math.floor(to / 2) ? -1 + Math.fround(step * i) : 1 - Math.fround(step * (to - 1 - i));
    return Math.min(Math.max(Math.fround(Math.fround(Math.fround(g) + 1) * half), 0), from - 1);
  });
}

function bilinearTaps(from: number, to: number): Taps {
  const width = Math.min(from, 2);
  const taps = emptyTaps(to, width);
  for (const [i, position] of positions(from, to).entries()) {
    const start = Math.min(Math.floor(position), from - width);
    taps.starts[i] = start;
    taps.weights[i * width] = width === 1 ? 1 : 1 - (position - start);
    if (width === 2) taps.weights[i * width + 1] = position - start;
  }
  return taps;
}

/** Means over `to` windows that cover the input, as adaptive average pooling places them. */
function averageTaps(from: number, to: number): Taps {
  const start = (i: number) => Math.floor((i * from) / to);
  const end = (i: number) => Math.ceil(((i + 1) * from) / to);
  const width = largest(to, (i) => end(i) - start(i));
  const taps = emptyTaps(to, width);
  for (let i = 0; i < to; i++) {
    taps.starts[i] = Math.min(start(i), from - width);
    const count = end(i) - start(i);
    taps.weights.fill(1 / count, i * width + start(i) - taps.starts[i]!, i * width + end(i) - taps.starts[i]!);
  }
  return taps;
}

/** `outer` after `inner`, as one. */
function compose(outer: Taps, inner: Taps): Taps {
  const n = outer.starts.length;
  const first = (i: number) => inner.starts[outer.starts[i]!]!;
  const last = (i: number) => inner.starts[outer.starts[i]! + outer.width - 1]! + inner.width;
  const width = largest(n, (i) => last(i) - first(i));
  const taps = emptyTaps(n, width);
  const inputs = inner.starts.at(-1)! + inner.width;
  for (let i = 0; i < n; i++) {
    const start = Math.min(first(i), inputs - width);
    taps.starts[i] = start;
    for (let j = 0; j < outer.width; j++) {
      const middle = outer.starts[i]! + j;
      const weight = outer.weights[i * outer.width + j]!;
      for (let k = 0; k < inner.width; k++) {
        const at = i * width + inner.starts[middle]! + k - start;
        taps.weights[at]! += weight * inner.weights[middle * inner.width + k]!;
      }
    }
  }
  return taps;
}

function emptyTaps(outputs: number, width: number): Taps {
  return { width, starts: new Int32Array(outputs), weights: new Float32Array(outputs * width) };
}

function largest(n: number, value: (i: number) => number): number {
  let result = 0;
  for (let i = 0; i < n; i++) result = Math.max(result, value(i));
  return result;
}

function nearestIndices(from: number, to: number): Int32Array {
  return Int32Array.from(positions(from, to), roundHalfToEven);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
