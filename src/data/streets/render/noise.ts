/** A hash of a lattice point, uniform in [0, 1). The arguments are truncated to 32-bit integers. */
export function hash(ix: number, iy: number, seed: number): number {
  let h = Math.imul(ix, 0x27d4eb2d) ^ Math.imul(iy, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 0x1_0000_0000;
}

/** Value noise in [0, 1): random values on the integer lattice, smoothly interpolated. */
export function noise(x: number, y: number, seed: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const fx = x - ix;
  const fy = y - iy;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const left = Math.imul(ix, 0x27d4eb2d);
  const right = left + 0x27d4eb2d;
  const low = Math.imul(iy, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  const high = Math.imul(iy + 1, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  const a = scrambled(left ^ low);
  const b = scrambled(right ^ low);
  const c = scrambled(left ^ high);
  const d = scrambled(right ^ high);
  const top = a + (b - a) * sx;
  return (top + (c + (d - c) * sx - top) * sy) / 0x1_0000_0000;
}

/** A quicker mixing than `hash`, to 32 bits: good enough for values that are interpolated. */
function scrambled(value: number): number {
  const h = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Noise summed over octaves of halving amplitude and size, in [0, 1). */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let amplitude = 0.5;
  let scale = 1;
  for (let i = 0; i < octaves; i++) {
    sum += amplitude * noise(x * scale, y * scale, seed + i);
    amplitude /= 2;
    scale *= 2;
  }
  return sum / (1 - 2 * amplitude);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low));
  return t * t * (3 - 2 * t);
}

/** `x` held in [0, 1]. */
export function clamp(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/** From `a` at t = 0 to `b` at t = 1. */
export function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
