/** A place on a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** No more points of a line than this are drawn: more cannot be seen. */
const most = 2000;

/**
 * The points of a line worth drawing: finite ones, and of a long line evenly spread ones, the first and the last among
 * them.
 */
export function drawn(points: readonly Point[]): Point[] {
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length <= most) return finite;
  const step = (finite.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => finite[Math.round(i * step)]!);
}

/** Values as a line over 0, 1, 2 …, without those cut off at both ends. */
export function trimmed(values: readonly number[], skipStart: number, skipEnd: number): Point[] {
  return values.map((y, x) => ({ x, y })).slice(skipStart, Math.max(values.length - skipEnd, 0));
}
