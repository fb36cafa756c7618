import { ShapeError } from "../util/errors.ts";

/** Sizes of a tensor's axes, outermost first. Image tensors are NCHW. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** The shape two operands broadcast to, by NumPy's rule; undefined where they do not. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const pairs = Array.from({ length: rank }, (_, i): [number, number] => [
    a[a.length - rank + i] ?? 1,
    b[b.length - rank + i] ?? 1,
  ]);
  if (pairs.some(([m, n]) => m !== n && m !== 1 && n !== 1)) return undefined;
  return pairs.map(([m, n]) => (m === 1 ? n : m));
}

/** The shape two operands broadcast to; throws a ShapeError naming `where` and both shapes. */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  const shape = broadcast(a, b);
  if (!shape)
    throw new ShapeError(`${where}: expected shapes that broadcast, but received ${showShape(a)} and ${showShape(b)}`);
  return shape;
}

/** An axis counted from the front, from one that may count from the back. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank)
    throw new ShapeError(`${where}: expected an axis in [${-rank}, ${rank - 1}], but received ${axis}`);
  return normal;
}

/** Several axes, normalised, sorted and distinct. */
export function normalizeAxes(where: string, axes: readonly number[], rank: number): number[] {
  const normal = axes.map((axis) => normalizeAxis(where, axis, rank)).toSorted((a, b) => a - b);
  if (new Set(normal).size !== normal.length)
    throw new ShapeError(`${where}: expected distinct axes, but received ${showShape(axes)}`);
  return normal;
}

/** Output length of a convolution or pooling along one axis. */
export function windowOutput(input: number, kernel: number, stride: number, dilation: number, padding: number): number {
  return Math.floor((input + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}
