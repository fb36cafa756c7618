import type { Region, Ring } from "./regions.ts";

/**
 * A region as one closed line, for formats whose polygons have no holes: each hole is joined with the outline, or with a
 * hole above it, by a vertical slit that is walked there and back. Slits enclose no area and run inside the region, so filling
 * gives the same pixels, by the even-odd rule and by winding numbers alike.
 */
export function keyholed({ rings }: Pick<Region, "rings">): Ring {
  const [outline = [], ...holes] = rings;
  if (holes.length === 0) return outline;
  const path = new Path();
  const start = path.add(outline);
  const tops = holes.map((hole) => path.add(hole));
  path.join(tops);
  return path.from(start);
}

/** Corners that each know the next one. */
class Path {
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  readonly #next: number[] = [];

  /** Adds a ring; gives its topmost corner, of several the leftmost. */
  add(ring: Ring): number {
    const first = this.#x.length;
    let top = first;
    for (let i = 0; i < ring.length; i += 2) {
      const corner = this.#corner(ring[i]!, ring[i + 1]!, first + i / 2 + 1);
      if (this.#y[corner]! < this.#y[top]! || (this.#y[corner] === this.#y[top] && this.#x[corner]! < this.#x[top]!))
        top = corner;
    }
    this.#next[this.#x.length - 1] = first;
    return top;
  }

  /** Joins holes, given by their tops, with the edges above them: from the top down, so that those are joined already. */
  join(tops: readonly number[]): void {
    const before = new Map<number, number>();
    for (const [corner, next] of this.#next.entries()) before.set(next, corner);
    const edges = this.#x.flatMap((x, corner) => (this.#x[this.#next[corner]!]! > x ? [corner] : []));
    edges.sort((a, b) => this.#y[a]! - this.#y[b]!);
    /** The lowest edge with the region below it so far, column by column. */
    const above: number[] = [];
    let e = 0;
    for (const top of tops.toSorted((a, b) => this.#y[a]! - this.#y[b]! || this.#x[a]! - this.#x[b]!)) {
      for (; e < edges.length && this.#y[edges[e]!]! <= this.#y[top]!; e++)
        for (let x = this.#x[edges[e]!]!; x < this.#x[this.#next[edges[e]!]!]!; x++) above[x] = edges[e]!;
      this.#slit(above, top, before.get(top)!);
    }
  }

  #slit(above: number[], top: number, last: number): void {
    const x = this.#x[top]!;
    const edge = above[x]!;
    const [y, end] = [this.#y[edge]!, this.#next[edge]!];
    const rest = this.#corner(x, y, end);
    this.#next[last] = this.#corner(x, this.#y[top]!, rest);
    this.#next[edge] = this.#x[edge] === x ? top : this.#corner(x, y, top);
    for (let column = x; column < this.#x[end]!; column++) if (above[column] === edge) above[column] = rest;
  }

  #corner(x: number, y: number, next: number): number {
    this.#y.push(y);
    this.#next.push(next);
    return this.#x.push(x) - 1;
  }

  from(start: number): Ring {
    const ring: number[] = [];
    let corner = start;
    do {
      ring.push(this.#x[corner]!, this.#y[corner]!);
      corner = this.#next[corner]!;
    } while (corner !== start);
    return ring;
  }
}
