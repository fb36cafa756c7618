import type { Random } from "../../../util/random.ts";
import type { Point } from "./camera.ts";
import type { Rgb } from "./colour.ts";
import { mixed, plus, rgb, scaled, varied } from "./colour.ts";
import { pickWeighted } from "./draws.ts";
import { clamp, smoothstep } from "./noise.ts";

export type Weather = "clear" | "cloudy" | "overcast" | "dusk" | "fog" | "rain";

/** The light of a scene: where it comes from, its colours, and what the air does to it. */
export interface Light {
  readonly weather: Weather;
  /** Unit vector to the sun: right, up, ahead. */
  readonly toSun: Point;
  /** Direct light on a surface facing the sun; zero when it is hidden. */
  readonly sun: Rgb;
  /** Light from the sky on a surface facing up. */
  readonly ambient: Rgb;
  /** Sky colours overhead and at the horizon. */
  readonly zenith: Rgb;
  readonly horizon: Rgb;
  /** Share of the sky under cloud, 0–1, and the colours of lit and shaded cloud. */
  readonly clouds: number;
  readonly cloudLit: Rgb;
  readonly cloudDark: Rgb;
  /** How much light the air replaces per metre, and by which colour. */
  readonly haze: number;
  readonly hazeColour: Rgb;
  /** 0 dry – 1 wet ground. */
  readonly wet: number;
}

const black: Rgb = [0, 0, 0];

/** A weather, an hour and a haze. */
export function randomLight(random: Random): Light {
  const weather = pickWeighted<Weather>(random, [
    [40, "clear"],
    [20, "cloudy"],
    [20, "overcast"],
    [10, "dusk"],
    [4, "fog"],
    [6, "rain"],
  ]);
  const warmth = random.uniform();
  const elevation = weather === "dusk" ? random.between(0.06, 0.25) : random.between(0.4, 1.25);
  const azimuth = random.between(-Math.PI, Math.PI);
  const toSun: Point = [
    Math.sin(azimuth) * Math.cos(elevation),
    Math.sin(elevation),
    Math.cos(azimuth) * Math.cos(elevation),
  ];
  const haze = random.between(0.0004, 0.0035);
  return { weather, toSun, ...airOf(random, weather, warmth, haze) };
}

type Air = Omit<Light, "weather" | "toSun">;

function airOf(random: Random, weather: Weather, warmth: number, haze: number): Air {
  if (weather === "clear" || weather === "cloudy") return brightAir(random, weather === "cloudy", warmth, haze);
  if (weather === "dusk") return duskAir(random, warmth, haze);
  return greyAir(random, weather, haze);
}

function brightAir(random: Random, cloudy: boolean, warmth: number, haze: number): Air {
  const zenith = varied(random, mixed(rgb(60, 115, 195), rgb(110, 160, 215), random.uniform()), 0.15);
  const horizon = varied(random, mixed(rgb(175, 205, 232), rgb(226, 232, 236), random.uniform()), 0.08);
  const strength = cloudy ? random.between(0.25, 0.8) : random.between(0.8, 1.25);
  return {
    sun: scaled(mixed([1, 0.95, 0.88], [1, 0.82, 0.62], warmth * 0.8), strength),
    ambient: scaled(mixed([0.78, 0.86, 1], [0.95, 0.97, 1], cloudy ? 0.8 : 0.2), random.between(0.26, 0.45)),
    zenith,
    horizon,
    clouds: cloudy ? random.between(0.45, 0.8) : random.chance(0.4) ? 0 : random.between(0.1, 0.4),
    cloudLit: scaled([1, 0.99, 0.97], random.between(0.85, 1.1)),
    cloudDark: rgb(168, 178, 192),
    haze,
    hazeColour: mixed(horizon, [0.7, 0.74, 0.78], 0.4),
    wet: random.chance(0.06) ? 0.6 : 0,
  };
}

function duskAir(random: Random, warmth: number, haze: number): Air {
  const afterglow = random.chance(0.4);
  const horizon = varied(random, mixed(rgb(250, 205, 150), rgb(236, 178, 168), warmth), 0.1);
  const zenith = varied(random, mixed(rgb(96, 122, 172), rgb(66, 76, 120), random.uniform()), 0.12);
  return {
    sun: afterglow ? black : scaled([1, 0.66, 0.38], random.between(0.5, 0.95)),
    ambient: mixed([0.2, 0.21, 0.28], [0.3, 0.28, 0.3], random.uniform()),
    zenith,
    horizon,
    clouds: random.between(0, 0.6),
    cloudLit: rgb(250, 196, 160),
    cloudDark: rgb(112, 106, 128),
    haze: haze * 1.4,
    hazeColour: scaled(horizon, 0.7),
    wet: random.chance(0.15) ? 0.7 : 0,
  };
}

function greyAir(random: Random, weather: Weather, haze: number): Air {
  const bright = random.uniform();
  const sky = varied(random, mixed(rgb(150, 156, 164), rgb(236, 238, 240), bright), 0.06);
  return {
    sun: weather === "overcast" && random.chance(0.3) ? [0.16, 0.15, 0.14] : black,
    ambient: scaled([0.97, 0.99, 1.02], random.between(0.5, 0.75)),
    zenith: scaled(sky, random.between(0.7, 1)),
    horizon: plus(sky, [0.04, 0.04, 0.04]),
    clouds: random.between(0.3, 1),
    cloudLit: scaled(sky, 1.15),
    cloudDark: scaled(sky, random.between(0.55, 0.8)),
    haze: weather === "fog" ? random.between(0.009, 0.022) : weather === "rain" ? haze * 2.5 : haze * 1.2,
    hazeColour: scaled(sky, 0.92),
    wet: weather === "rain" ? random.between(0.6, 1) : random.chance(0.2) ? 0.4 : 0,
  };
}

/** What a surface receives: `base` always, `direct` where the sun reaches it. */
export interface Received {
  readonly base: Rgb;
  readonly direct: Rgb;
}

/** The light on a surface with a unit normal. Surfaces that face down receive what the ground sends back. */
export function lightOn(light: Light, normal: Point): Received {
  const [nx, ny, nz] = normal;
  const [sx, sy, sz] = light.toSun;
  const up = 0.5 + 0.5 * ny;
  // Walls that face away from the sun look at the brighter half of the sky no less than at the darker.
  const side = 1 + 0.12 * (nx * sx + nz * sz);
  return {
    base: scaled(light.ambient, (0.45 + 0.55 * up) * side),
    direct: scaled(light.sun, Math.max(0, nx * sx + ny * sy + nz * sz)),
  };
}

/** The light on something round that stands upright, averaged over the half seen from the camera. */
export function lightOnUpright(light: Light, sunVisible: number): Rgb {
  const [sx, sy, sz] = light.toSun;
  const facing = clamp(0.42 - 0.5 * sz + 0.15 * Math.abs(sx)) * Math.sqrt(1 - sy * sy) + 0.18 * sy;
  return plus(scaled(light.ambient, 0.74), light.sun, facing * sunVisible);
}

/** The heights of the houses along one side of the street, as they stand against the sun. */
export class Skyline {
  /** Metres from the road's middle, with sign. */
  readonly #at: number;
  readonly #from: number;
  readonly #heights: Float32Array;

  constructor(at: number, from: number, to: number) {
    this.#at = at;
    this.#from = from;
    this.#heights = new Float32Array(Math.ceil(to - from));
  }

  raise(from: number, to: number, height: number): void {
    for (let z = Math.floor(from); z < to; z++) {
      const i = z - this.#from;
      if (i >= 0 && i < this.#heights.length) this.#heights[i] = height;
    }
  }

  /** 1 where the sun clears the houses as seen from a point, 0 in their shadow, with a soft edge. */
  clears(light: Light, s: number, y: number, z: number): number {
    const [sx, sy, sz] = light.toSun;
    const distance = (this.#at - s) / sx;
    // Nothing shades itself, or what lies on the far side of it.
    if (!(distance > 0.05)) return 1;
    const i = Math.floor(z + distance * sz) - this.#from;
    const height = this.#heights[i];
    if (height === undefined) return 1;
    const above = y + distance * sy - height;
    const blur = 0.12 + 0.03 * distance;
    return smoothstep(-blur, blur, above);
  }
}
