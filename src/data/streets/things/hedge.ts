import type { Random } from "../../../util/random.ts";
import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import { TREE } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { rgb, varied } from "../render/colour.ts";
import { pick } from "../render/draws.ts";
import { clamp, fractalNoise, noise } from "../render/noise.ts";
import type { Thing } from "../render/stage.ts";

export interface Hedge {
  readonly height: number;
  readonly deep: number;
  readonly leaf: Rgb;
  readonly seed: number;
}

export function randomHedge(random: Random): Hedge {
  const green = pick(random, [rgb(54, 78, 44), rgb(70, 92, 48), rgb(84, 90, 56), rgb(60, 74, 52)]);
  return {
    height: random.between(0.7, 2),
    deep: random.between(0.5, 0.9),
    leaf: varied(random, green, 0.2),
    seed: random.integer(1 << 20),
  };
}

/** A stretch of clipped hedge along the street at `s`, from depth `from` to `to`, with its body away from the road. */
export function hedgeThing(hedge: Hedge, s: number, from: number, to: number): Thing {
  const { height } = hedge;
  const deep = hedge.deep * Math.sign(s);
  return {
    z: from,
    draw: (stage) => {
      if (to < 0.7) return;
      const sun = stage.sunAt(s, height / 2, (from + to) / 2);
      const long = leafPaint(hedge, stage.lit(hedge.leaf, [-Math.sign(s), 0, 0], sun));
      const end = leafPaint(hedge, stage.lit(hedge.leaf, [0, 0, -1], sun));
      stage.face(wall(s, from, s, to, height), TREE, long, unrolled(from, to, height));
      stage.face(wall(s, from, s + deep, from, height), TREE, end, unrolled(0, deep, height));
    },
  };
}

function leafPaint({ height, seed }: Hedge, colour: Rgb): Paint {
  return (u, v, depth, out) => {
    if (v > height - 0.25 * fractalNoise(u * 2.5, 3, seed, 2)) {
      out[3] = -1;
      return;
    }
    const fine = clamp(1.3 - depth / 25);
    const level = 0.68 + 0.45 * fractalNoise(u * 3, v * 3, seed, 2) + 0.45 * fine * (noise(u * 11, v * 11, seed) - 0.5);
    for (let k = 0; k < 3; k++) out[k] = colour[k]! * level * (0.75 + 0.25 * clamp(v));
  };
}

function wall(s0: number, z0: number, s1: number, z1: number, height: number): Point[] {
  return [
    [s0, -0.1, z0],
    [s1, -0.1, z1],
    [s1, height, z1],
    [s0, height, z0],
  ];
}

function unrolled(from: number, to: number, height: number): [number, number][] {
  return [
    [from, -0.1],
    [to, -0.1],
    [to, height],
    [from, height],
  ];
}
