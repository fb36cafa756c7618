import { averageImage, averagedSize } from "../resample.ts";
import type { ChannelScale, Ids, Pixels } from "../resample.ts";
import { roundHalfToEven } from "../taps.ts";
import { flowRow, spread } from "./flow.ts";
import type { Flow } from "./flow.ts";
import type { PaddingMode, View } from "./view.ts";
import { outside } from "./view.ts";

/** How values between pixels are read. */
export type Interpolation = "bilinear" | "nearest";

/** What is read where: the view of a grid, the grid's flow, and what lies outside the picture. */
export interface Sampling {
  readonly flow: Flow;
  readonly view: View;
  readonly paddingMode: PaddingMode;
}

/**
 * Samples an image at the positions of a flow (torch `grid_sample` with aligned corners) and writes float32 planes,
 * 3 × height × width of the view, from `out[offset]` on. Images that shrink by more than 2× are averaged over areas
 * first, unless they are read by the nearest pixel.
 */
export function sampleImageInto(
  out: Float32Array,
  offset: number,
  image: Pixels,
  sampling: Sampling,
  mode: Interpolation,
  scale: ChannelScale,
): void {
  const source = mode === "bilinear" ? preShrunk(image, sampling.flow) : image;
  const write = mode === "bilinear" ? bilinearRow : nearestRow;
  const { length, step } = steps(sampling.view);
  eachRow(sampling, source, (xs, ys, at) => {
    write({ out, at: offset + at, step, plane: length }, source, xs, ys, scale);
  });
}

/** Samples a mask by the nearest pixel, ties to the even one; pixels outside become `padClass`. */
export function sampleMaskInto(out: Int32Array, offset: number, mask: Ids, sampling: Sampling, padClass: number): void {
  const { step } = steps(sampling.view);
  const { data, height, width } = mask;
  eachRow(sampling, mask, (xs, ys, start) => {
    let to = offset + start;
    for (let i = 0; i < xs.length; i++, to += step) {
      const x = roundHalfToEven(xs[i]!);
      const y = roundHalfToEven(ys[i]!);
      out[to] = x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : padClass;
    }
  });
}

/** The image, averaged over areas where the flow's grid shrinks it by more than 2×. */
export function preShrunk(image: Pixels, flow: Flow): Pixels {
  // Nothing shrinks by more than 2× in both directions: spare the search for the spread.
  if (Math.min(image.height / flow.grid.height, image.width / flow.grid.width) <= 2) return image;
  const size = averagedSize(image, flow.grid, spread(flow));
  return size === image ? image : averageImage(image, size);
}

/** How far apart neighbours of a grid row lie in what is written, and how many pixels that has. */
function steps({ rows, columns, transposed }: View): { readonly length: number; readonly step: number } {
  return { length: rows.length * columns.length, step: transposed ? rows.length : 1 };
}

/** Positions in pixels, row by row, with where the first of the row is written. */
function eachRow(
  { flow, view, paddingMode }: Sampling,
  source: { readonly height: number; readonly width: number },
  use: (xs: Float32Array, ys: Float32Array, at: number) => void,
): void {
  const { rows, columns, transposed } = view;
  const xs = new Float32Array(columns.length);
  const ys = new Float32Array(columns.length);
  for (const [i, y] of rows.entries()) {
    if (y === outside) continue;
    flowRow(flow, y, columns, xs, ys);
    toPixels(xs, source.width, paddingMode);
    toPixels(ys, source.height, paddingMode);
    use(xs, ys, transposed ? i : i * columns.length);
  }
}

/** Positions from −1 to 1 become pixels 0 to n − 1, rounded to float32 where torch rounds, and folded to the inside. */
function toPixels(positions: Float32Array, n: number, mode: PaddingMode): void {
  const half = (n - 1) / 2;
  const span = n - 1;
  for (let i = 0; i < positions.length; i++) {
    const position = Math.fround(Math.fround(positions[i]! + 1) * half);
    positions[i] = position >= 0 && position <= span ? position : fold(position, span, mode);
  }
}

/** Beyond it float32 has no fractions, so that a picture folded there says nothing. */
export const farAway = 2 ** 24;

function fold(position: number, span: number, mode: PaddingMode): number {
  if (mode === "zeros") return position;
  if (mode === "border") return position > 0 ? span : 0;
  const distance = Math.abs(position);
  if (span === 0 || !(distance < farAway)) return 0;
  const turns = Math.floor(distance / span);
  const rest = distance - turns * span;
  return Math.min(Math.max(turns % 2 === 0 ? rest : span - rest, 0), span);
}

/** A row of pixels in three planes. */
interface Target {
  readonly out: Float32Array;
  readonly at: number;
  readonly step: number;
  readonly plane: number;
}

function bilinearRow(
  { out, at, step, plane }: Target,
  { data, height, width }: Pixels,
  xs: Float32Array,
  ys: Float32Array,
  { scale: [r, g, b], shift: [r0, g0, b0] }: ChannelScale,
): void {
  const [lastX, lastY, rowLength] = [width - 1, height - 1, 3 * width];
  for (let i = 0, to = at; i < xs.length; i++, to += step) {
    const x = xs[i]!;
    const y = ys[i]!;
    let left = Math.floor(x);
    let top = Math.floor(y);
    let fx = x - left;
    let fy = y - top;
    let [wx, wy] = [1 - fx, 1 - fy];
    let right = left < lastX ? 3 : 0;
    let down = top < lastY ? rowLength : 0;
    if (left < 0 || top < 0 || x > lastX || y > lastY || x !== x || y !== y) {
      // Outside of a picture with zeros around it: neighbours that do not exist weigh nothing.
      if (left < 0) [left, wx, fx, right] = left === -1 ? [0, fx, 0, 0] : [0, 0, 0, 0];
      else if (!(left < lastX)) [left, wx, fx, right] = left === lastX ? [lastX, wx, 0, 0] : [0, 0, 0, 0];
      if (top < 0) [top, wy, fy, down] = top === -1 ? [0, fy, 0, 0] : [0, 0, 0, 0];
      else if (!(top < lastY)) [top, wy, fy, down] = top === lastY ? [lastY, wy, 0, 0] : [0, 0, 0, 0];
    }
    const from = top * rowLength + 3 * left;
    const w0 = wx * wy;
    const w1 = fx * wy;
    const w2 = wx * fy;
    const w3 = fx * fy;
    const from1 = from + right;
    const from2 = from + down;
    const from3 = from2 + right;
    out[to] = (w0 * data[from]! + w1 * data[from1]! + w2 * data[from2]! + w3 * data[from3]!) * r + r0;
    out[to + plane] =
      (w0 * data[from + 1]! + w1 * data[from1 + 1]! + w2 * data[from2 + 1]! + w3 * data[from3 + 1]!) * g + g0;
    out[to + 2 * plane] =
      (w0 * data[from + 2]! + w1 * data[from1 + 2]! + w2 * data[from2 + 2]! + w3 * data[from3 + 2]!) * b + b0;
  }
}

function nearestRow(
  { out, at, step, plane }: Target,
  { data, height, width }: Pixels,
  xs: Float32Array,
  ys: Float32Array,
  { scale, shift }: ChannelScale,
): void {
  for (let i = 0, to = at; i < xs.length; i++, to += step) {
    const x = roundHalfToEven(xs[i]!);
    const y = roundHalfToEven(ys[i]!);
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    const from = inside ? 3 * (y * width + x) : 0;
    for (let c = 0; c < 3; c++) {
      out[to + c * plane] = (inside ? data[from + c]! : 0) * scale[c]! + shift[c]!;
    }
  }
}
