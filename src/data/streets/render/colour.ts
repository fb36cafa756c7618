import type { Random } from "../../../util/random.ts";

/** Linear light, red, green and blue; 1 is white in full light. */
export type Rgb = readonly [number, number, number];

/** A colour given as display values 0–255; the display curve is taken as a square. */
export function rgb(red: number, green: number, blue: number): Rgb {
  return [(red / 255) ** 2, (green / 255) ** 2, (blue / 255) ** 2];
}

export function grey(value: number): Rgb {
  return rgb(value, value, value);
}

export function times(a: Rgb, b: Rgb): Rgb {
  return [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
}

export function scaled(a: Rgb, factor: number): Rgb {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

export function plus(a: Rgb, b: Rgb, weight = 1): Rgb {
  return [a[0] + weight * b[0], a[1] + weight * b[1], a[2] + weight * b[2]];
}

/** From `a` at t = 0 to `b` at t = 1. */
export function mixed(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** `colour` made lighter or darker and shifted in hue, by about `spread` of itself. */
export function varied(random: Random, colour: Rgb, spread: number): Rgb {
  const level = 1 + spread * random.between(-1, 1);
  const shift = () => Math.max(0, level * (1 + 0.4 * spread * random.between(-1, 1)));
  return [colour[0] * shift(), colour[1] * shift(), colour[2] * shift()];
}
