/** A corner of a polygon on the screen: place in samples, nearness w = 1/depth, and the surface coordinates times w. */
export interface Corner {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly uw: number;
  readonly vw: number;
}

/**
 * Sets the colour of a surface point: `out` holds red, green, blue (linear light) and opacity, which is 1 on entry.
 * A negative opacity leaves the sample as it was; a partial one mixes the colour but still labels the sample.
 */
export type Paint = (u: number, v: number, depth: number, out: Float64Array) => void;

/** As the class of a polygon: multiplies the colour of ground beneath by that of the paint, keeps the label. */
export const DARKENING = 254;

/** The class of a sample of ground that has its place but not its surface yet. */
export const BARE_GROUND = 253;

/** The class of a sample that nothing was painted on. */
export const EMPTY = 252;

/** How much farther than what is there a surface may lie and still cover it: decals on the same plane. */
const slack = 1.0005;

/** The corners a polygon may have. */
const mostCorners = 64;

/** Samples of an image and its mask, painted together, with a depth test for every sample. */
export class Canvas {
  readonly height: number;
  readonly width: number;
  /** Linear RGB, sample by sample. */
  readonly colour: Float32Array;
  /** Class ids. */
  readonly ids: Uint8Array;
  /** 1/depth of what is seen, per metre; 0 is infinitely far. */
  readonly nearness: Float32Array;
  readonly #out = new Float64Array(4);
  readonly #crossings = new Float64Array(mostCorners);

  /** @param height samples down @param width samples across */
  constructor(height: number, width: number) {
    this.height = height;
    this.width = width;
    this.colour = new Float32Array(height * width * 3);
    this.ids = new Uint8Array(height * width).fill(EMPTY);
    this.nearness = new Float32Array(height * width);
  }

  /** Paints a plane polygon, even-odd, sampled at sample centres. */
  polygon(corners: readonly Corner[], id: number, paint: Paint): void {
    const plane = planeOf(corners);
    if (plane === undefined) return;
    let low = Infinity;
    let high = -Infinity;
    for (const corner of corners) {
      low = Math.min(low, corner.y);
      high = Math.max(high, corner.y);
    }
    const first = Math.max(0, Math.ceil(low - 0.5));
    const last = Math.min(this.height - 1, Math.ceil(high - 0.5) - 1);
    const crossings = this.#crossings;
    for (let row = first; row <= last; row++) {
      const count = crossingsAt(corners, row + 0.5, crossings);
      for (let i = 0; i + 1 < count; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i]! - 0.5));
        const to = Math.min(this.width - 1, Math.ceil(crossings[i + 1]! - 0.5) - 1);
        if (from <= to) this.#span(row, from, to, plane, id, paint);
      }
    }
  }

  #span(row: number, from: number, to: number, plane: Plane, id: number, paint: Paint): void {
    const { w, uw, vw } = plane;
    const { nearness, colour, ids } = this;
    const out = this.#out;
    const y = row + 0.5;
    for (let column = from; column <= to; column++) {
      const x = column + 0.5;
      const near = w.c + w.x * x + w.y * y;
      const i = row * this.width + column;
      if (near <= 0 || near * slack < nearness[i]!) continue;
      const depth = 1 / near;
      out[3] = 1;
      paint((uw.c + uw.x * x + uw.y * y) * depth, (vw.c + vw.x * x + vw.y * y) * depth, depth, out);
      const opacity = out[3];
      if (opacity < 0) continue;
      const k = 3 * i;
      if (id === DARKENING) {
        if (ids[i] !== BARE_GROUND) continue;
        for (let j = 0; j < 3; j++) colour[k + j] = colour[k + j]! * out[j]!;
        continue;
      }
      colour[k] = colour[k]! + (out[0]! - colour[k]!) * opacity;
      colour[k + 1] = colour[k + 1]! + (out[1]! - colour[k + 1]!) * opacity;
      colour[k + 2] = colour[k + 2]! + (out[2]! - colour[k + 2]!) * opacity;
      ids[i] = id;
      nearness[i] = near;
    }
  }
}

/** A quantity that is affine on the screen: c + x·column + y·row. */
interface Affine {
  readonly c: number;
  readonly x: number;
  readonly y: number;
}

interface Plane {
  readonly w: Affine;
  readonly uw: Affine;
  readonly vw: Affine;
}

/** The plane through the three corners that span most, or nothing for a polygon seen edge-on. */
function planeOf(corners: readonly Corner[]): Plane | undefined {
  const a = corners[0];
  if (a === undefined) return undefined;
  let best = 0;
  let b = a;
  let c = a;
  for (let i = 1; i + 1 < corners.length; i++) {
    const p = corners[i]!;
    for (const q of [corners[i + 1]!, corners[corners.length - 1]!]) {
      const area = (p.x - a.x) * (q.y - a.y) - (q.x - a.x) * (p.y - a.y);
      if (Math.abs(area) <= Math.abs(best)) continue;
      [best, b, c] = [area, p, q];
    }
  }
  if (Math.abs(best) < 1e-6) return undefined;
  const affine = (fa: number, fb: number, fc: number): Affine => {
    const x = ((fb - fa) * (c.y - a.y) - (fc - fa) * (b.y - a.y)) / best;
    const y = ((fc - fa) * (b.x - a.x) - (fb - fa) * (c.x - a.x)) / best;
    return { c: fa - x * a.x - y * a.y, x, y };
  };
  return { w: affine(a.w, b.w, c.w), uw: affine(a.uw, b.uw, c.uw), vw: affine(a.vw, b.vw, c.vw) };
}

/** Where a horizontal line meets the edges, ascending, written to `found`; returns how many there are. */
function crossingsAt(corners: readonly Corner[], y: number, found: Float64Array): number {
  let count = 0;
  let p = corners[corners.length - 1]!;
  for (const q of corners) {
    if (p.y <= y !== q.y <= y) {
      const x = p.x + ((y - p.y) / (q.y - p.y)) * (q.x - p.x);
      let i = count++;
      for (; i > 0 && found[i - 1]! > x; i--) found[i] = found[i - 1]!;
      found[i] = x;
    }
    p = q;
  }
  return count;
}
