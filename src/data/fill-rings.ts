import type { IdMask, Size } from "./image.ts";

/**
 * Fills polygons by the even-odd rule: ones for pixels whose centres lie inside an odd number of the rings, so that a ring
 * inside another one is its hole; zeros for the others.
 * @param rings corners in pixels, x, y, x, y …, of any direction; what lies outside the picture is cut off.
 * @example const { data: inside } = fillRings([[0, 0, 4, 0, 0, 4]], mask);
 */
export function fillRings(rings: Iterable<ArrayLike<number>>, { height, width }: Size): IdMask {
  const data = new Uint8Array(height * width);
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 2) {
      const to = (i + 2) % ring.length;
      toggleBeyond(data, { height, width }, [ring[i]!, ring[i + 1]!], [ring[to]!, ring[to + 1]!]);
    }
  for (let i = 0; i < data.length; i++) if (i % width > 0) data[i]! ^= data[i - 1]!;
  return { data, height, width };
}

type Point = readonly [x: number, y: number];

/** Marks in every row that an edge crosses the first pixel whose centre is to the right of it. */
function toggleBeyond(data: Uint8Array, { height, width }: Size, [x0, y0]: Point, [x1, y1]: Point): void {
  const first = Math.max(Math.ceil(Math.min(y0, y1) - 0.5), 0);
  const end = Math.min(Math.ceil(Math.max(y0, y1) - 0.5), height);
  for (let y = first; y < end; y++) {
    const crossing = x0 + ((y + 0.5 - y0) * (x1 - x0)) / (y1 - y0);
    const x = Math.max(Math.ceil(crossing - 0.5), 0);
    if (x < width) data[y * width + x]! ^= 1;
  }
}
