import { sameSize } from "./image.ts";
import type { Size } from "./image.ts";
import { averageTaps, axisPositions, bilinearTaps, compose, nearestIndices } from "./taps.ts";
import type { Taps } from "./taps.ts";
import { outside, wholeView } from "./transforms/view.ts";
import type { View } from "./transforms/view.ts";

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
  /** Where rows and columns lie in the picture; null where it is averaged over areas first. */
  readonly lines: GridLines | null;
}

/** Where the rows and columns of a grid lie in a picture, in pixels. */
export interface GridLines {
  readonly rows: Float32Array;
  readonly columns: Float32Array;
}

/** Pixels of an image, interleaved (height × width × 3), in any unit. */
export interface Pixels extends Size {
  readonly data: Uint8Array | Float32Array;
}

/** Class ids, height × width. */
export interface Ids extends Size {
  readonly data: Uint8Array | Int32Array;
}

/** A pixel value v becomes scale[c] · v + shift[c]. */
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
    lines: sameSize(from, pooled)
      ? { rows: axisPositions(from.height, to.height), columns: axisPositions(from.width, to.width) }
      : null,
  };
}

/**
 * Resizes an image and writes it as float32 planes: 3 × height × width from `out[offset]` on.
 * @param view which rows and columns of the resized image are written, and where; pixels outside are left alone.
 */
export function resizeImageInto(
  out: Float32Array,
  offset: number,
  image: Pixels,
  plan: ResizePlan,
  { scale, shift }: ChannelScale,
  view: View = wholeView(plan.to),
): void {
  const { starts, weights, width: taps } = plan.columns;
  const { rows, columns, transposed } = view;
  const row = new Float32Array(image.width * 3);
  const plane = rows.length * columns.length;
  const [rowStep, columnStep] = transposed ? [1, rows.length] : [columns.length, 1];
  for (const [i, y] of rows.entries()) {
    if (y === outside) continue;
    mixRows(row, image, plan.rows, y);
    let to = offset + i * rowStep;
    for (let j = 0; j < columns.length; j++, to += columnStep) {
      const x = columns[j]!;
      if (x === outside) continue;
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
      out[to] = red * scale[0] + shift[0];
      out[to + plane] = green * scale[1] + shift[1];
      out[to + 2 * plane] = blue * scale[2] + shift[2];
    }
  }
}

/**
 * Resizes a mask and writes its ids, height × width, from `out[offset]` on.
 * @param view which rows and columns of the resized mask are written, and where; pixels outside are left alone.
 */
export function resizeMaskInto(
  out: Int32Array,
  offset: number,
  mask: Ids,
  plan: ResizePlan,
  { rows, columns, transposed }: View = wholeView(plan.to),
): void {
  const { nearestRows, nearestColumns } = plan;
  const [rowStep, columnStep] = transposed ? [1, rows.length] : [columns.length, 1];
  for (const [i, y] of rows.entries()) {
    if (y === outside) continue;
    const from = nearestRows[y]! * mask.width;
    let to = offset + i * rowStep;
    for (let j = 0; j < columns.length; j++, to += columnStep) {
      const x = columns[j]!;
      if (x !== outside) out[to] = mask.data[from + nearestColumns[x]!]!;
    }
  }
}

/** Like `resizeImageInto`, but by the nearest pixel, just as masks are resized. */
export function resizeImageByNearestInto(
  out: Float32Array,
  offset: number,
  image: Pixels,
  plan: ResizePlan,
  { scale, shift }: ChannelScale,
  { rows, columns, transposed }: View = wholeView(plan.to),
): void {
  const { nearestRows, nearestColumns } = plan;
  const plane = rows.length * columns.length;
  const [rowStep, columnStep] = transposed ? [1, rows.length] : [columns.length, 1];
  for (const [i, y] of rows.entries()) {
    if (y === outside) continue;
    let to = offset + i * rowStep;
    for (let j = 0; j < columns.length; j++, to += columnStep) {
      const x = columns[j]!;
      if (x === outside) continue;
      const from = 3 * (nearestRows[y]! * image.width + nearestColumns[x]!);
      for (let c = 0; c < 3; c++) out[to + c * plane] = image.data[from + c]! * scale[c]! + shift[c]!;
    }
  }
}

/** Averages an image over areas, as adaptive average pooling does. */
export function averageImage(image: Pixels, to: Size): { readonly data: Float32Array } & Size {
  const rows = averageTaps(image.height, to.height);
  const { starts, weights, width: taps } = averageTaps(image.width, to.width);
  const data = new Float32Array(to.height * to.width * 3);
  const row = new Float32Array(image.width * 3);
  for (let y = 0, at = 0; y < to.height; y++) {
    mixRows(row, image, rows, y);
    for (let x = 0; x < to.width; x++, at += 3) {
      for (let k = 0; k < taps; k++) {
        const weight = weights[x * taps + k]!;
        const from = 3 * (starts[x]! + k);
        data[at]! += weight * row[from]!;
        data[at + 1]! += weight * row[from + 1]!;
        data[at + 2]! += weight * row[from + 2]!;
      }
    }
  }
  return { data, ...to };
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
function mixRows(row: Float32Array, image: Pixels, { starts, weights, width }: Taps, y: number): void {
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

/**
 * The size an image is averaged to before it is sampled; its own where it shrinks by less than 2×.
 * @param spread the difference of the largest and the smallest number of the sampling grid.
 */
export function averagedSize(from: Size, to: Size, spread = to.height > 1 || to.width > 1 ? 2 : 0): Size {
  const d = Math.min(from.height / to.height, from.width / to.width) / 2;
  if (d <= 1 || d <= 2 / spread) return from;
  return { height: Math.floor(from.height * (1 / d)), width: Math.floor(from.width * (1 / d)) };
}
