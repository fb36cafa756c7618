import type { Size } from "../image.ts";

/** What lies outside a picture: its mirror image (edges not repeated), its edge pixels, or black and class 0. */
export type PaddingMode = "reflection" | "border" | "zeros";

/** A row or column that comes from nowhere: it is filled with black, and with `padClass` in masks. */
export const outside = -1;

/**
 * Which pixels of a grid a picture shows: flips, transposition, crops and pads, all at once. Without transposition
 * pixel (y, x) is the grid's (rows[y], columns[x]); with it, (rows[x], columns[y]).
 */
export interface View {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly transposed: boolean;
}

/** The whole grid as it is. */
export function wholeView({ height, width }: Size): View {
  return { rows: upTo(height), columns: upTo(width), transposed: false };
}

/** Height and width of what a view shows. */
export function viewSize({ rows, columns, transposed }: View): Size {
  return transposed ? { height: columns.length, width: rows.length } : { height: rows.length, width: columns.length };
}

type Axes = readonly [vertical: Int32Array, horizontal: Int32Array];

/** The view after a change of its axes as they are seen. */
function reframe(view: View, change: (axes: Axes) => Axes): View {
  const { rows, columns, transposed } = view;
  if (!transposed) {
    const [vertical, horizontal] = change([rows, columns]);
    return { rows: vertical, columns: horizontal, transposed };
  }
  const [vertical, horizontal] = change([columns, rows]);
  return { rows: horizontal, columns: vertical, transposed };
}

/** Left and right swapped. */
export function flipColumns(view: View): View {
  return reframe(view, ([vertical, horizontal]) => [vertical, horizontal.toReversed()]);
}

/** Top and bottom swapped. */
export function flipRows(view: View): View {
  return reframe(view, ([vertical, horizontal]) => [vertical.toReversed(), horizontal]);
}

/** Rows and columns swapped: the size changes with them. */
export function transpose(view: View): View {
  return { ...view, transposed: !view.transposed };
}

/** A window of at most `size`: the whole length where that is shorter. Shares are 0 (top, left) to 1. */
export function crop(view: View, { height, width }: Size, rowPct: number, colPct: number): View {
  return reframe(view, ([vertical, horizontal]) => [
    cropAxis(vertical, height, rowPct),
    cropAxis(horizontal, width, colPct),
  ]);
}

/** Pads each axis on both sides; reflection may go back and forth many times. */
export function pad(view: View, vertical: number, horizontal: number, mode: PaddingMode): View {
  return reframe(view, ([rows, columns]) => [padAxis(rows, vertical, mode), padAxis(columns, horizontal, mode)]);
}

/** A rectangle of what is seen as ranges of grid rows and columns, last ones included; null if it is empty. */
export function gridRange(
  { rows, columns, transposed }: View,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): { readonly rows: readonly [number, number]; readonly columns: readonly [number, number] } | null {
  if (bottom <= top || right <= left) return null;
  const ends = (axis: Int32Array, from: number, to: number): [number, number] => {
    const [a, b] = [axis[from]!, axis[to - 1]!];
    return [Math.min(a, b), Math.max(a, b)];
  };
  return transposed
    ? { rows: ends(rows, left, right), columns: ends(columns, top, bottom) }
    : { rows: ends(rows, top, bottom), columns: ends(columns, left, right) };
}

function upTo(n: number): Int32Array {
  const axis = new Int32Array(n);
  for (let i = 0; i < n; i++) axis[i] = i;
  return axis;
}

function cropAxis(axis: Int32Array, wanted: number, share: number): Int32Array {
  const length = Math.min(wanted, axis.length);
  const start = Math.trunc((axis.length - length + 1) * Math.min(share, 1 - 1e-7));
  return axis.slice(start, start + length);
}

function padAxis(axis: Int32Array, padding: number, mode: PaddingMode): Int32Array {
  if (padding === 0) return axis;
  const last = axis.length - 1;
  return Int32Array.from({ length: axis.length + 2 * padding }, (_, i) => {
    const at = i - padding;
    if (at >= 0 && at <= last) return axis[at]!;
    if (mode === "zeros") return outside;
    return axis[mode === "border" ? Math.min(Math.max(at, 0), last) : reflectIndex(at, last)]!;
  });
}

function reflectIndex(at: number, last: number): number {
  if (last === 0) return 0;
  const turn = Math.abs(at) % (2 * last);
  return turn <= last ? turn : 2 * last - turn;
}
