import { Random } from "../../util/random.ts";
import type { ChannelScale } from "../resample.ts";
import { outside } from "./view.ts";
import type { View } from "./view.ts";

/** A rectangle of the grid that is blackened; its mask becomes `maskClass`, or stays where that is null. */
export interface Hole {
  readonly rows: readonly [first: number, last: number];
  readonly columns: readonly [first: number, last: number];
  readonly maskClass: number | null;
}

/** A channel (0 red, 1 green, 2 blue) that is replaced by noise from 0 to `most`. */
export interface Noise {
  readonly channel: number;
  readonly most: number;
  readonly seed: number;
}

/** What changes pixels where they are. */
export type Paint = Hole | Noise;

/** Paints an image, 3 × height × width from `out[offset]` on, whose values were already scaled and shifted. */
export function paintImage(
  out: Float32Array,
  offset: number,
  paints: readonly Paint[],
  view: View,
  { scale, shift }: ChannelScale,
): void {
  const plane = view.rows.length * view.columns.length;
  for (const paint of paints) {
    if ("channel" in paint) {
      const { channel, most, seed } = paint;
      const random = new Random(seed);
      const from = offset + channel * plane;
      for (let i = from; i < from + plane; i++) out[i] = most * random.uniform() * scale[channel]! + shift[channel]!;
      continue;
    }
    for (let c = 0; c < 3; c++) fillHole(out, offset + c * plane, paint, view, shift[c]!);
  }
}

/** Writes the class of holes that have one into a mask, height × width from `out[offset]` on. */
export function paintMask(out: Int32Array, offset: number, paints: readonly Paint[], view: View): void {
  for (const paint of paints) {
    if ("maskClass" in paint && paint.maskClass !== null) fillHole(out, offset, paint, view, paint.maskClass);
  }
}

/** Fills what lies outside the grid. */
export function fillOutside(out: Float32Array | Int32Array, offset: number, view: View, value: number): void {
  const anywhere = [-Infinity, Infinity] as const;
  const nowhere = [outside, outside] as const;
  fill(out, offset, view, nowhere, anywhere, value);
  fill(out, offset, view, anywhere, nowhere, value);
}

function fillHole(out: Float32Array | Int32Array, offset: number, hole: Hole, view: View, value: number): void {
  fill(out, offset, view, hole.rows, hole.columns, value);
}

type Interval = readonly [first: number, last: number];

function fill(
  out: Float32Array | Int32Array,
  offset: number,
  { rows, columns, transposed }: View,
  [top, bottom]: Interval,
  [left, right]: Interval,
  value: number,
): void {
  const [rowStep, columnStep] = transposed ? [1, rows.length] : [columns.length, 1];
  for (const [i, y] of rows.entries()) {
    if (y < top || y > bottom) continue;
    for (let j = 0; j < columns.length; j++) {
      const x = columns[j]!;
      if (x >= left && x <= right) out[offset + i * rowStep + j * columnStep] = value;
    }
  }
}
