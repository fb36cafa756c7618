import type { Random } from "../../../util/random.ts";
import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import { TREE } from "../classes.ts";
import { rgb, scaled, varied } from "../render/colour.ts";
import { pick } from "../render/draws.ts";
import { clamp, fractalNoise, noise } from "../render/noise.ts";
import type { Stage, Thing } from "../render/stage.ts";

/** A clipped hedge along the street at `s`, from depth `from` to `to`, with its body away from the road. */
export function randomHedge(random: Random, s: number, from: number, to: number): Thing {
  const height = random.between(0.7, 2);
  const deep = random.between(0.5, 0.9) * Math.sign(s);
  const leaf = varied(random, pick(random, [rgb(54, 78, 44), rgb(70, 92, 48), rgb(84, 90, 56), rgb(60, 74, 52)]), 0.2);
  const seed = random.integer(1 << 20);
  const draw = (stage: Stage): void => {
    const face = (points: readonly Point[], normal: Point, uv: readonly (readonly [number, number])[]): void => {
      const sun = stage.sunAt(s, height / 2, (from + to) / 2);
      const colour = stage.lit(scaled(leaf, 0.9), normal, sun);
      const paint: Paint = (u, v, depth, out) => {
        const fine = clamp(1.3 - depth / 25);
        if (v > height - 0.25 * fractalNoise(u * 2.5, 3, seed, 2)) {
          out[3] = -1;
          return;
        }
        const level =
          0.75 + 0.5 * fractalNoise(u * 3, v * 3, seed, 2) + 0.5 * fine * (noise(u * 11, v * 11, seed) - 0.5);
        for (let k = 0; k < 3; k++) out[k] = colour[k]! * level * (0.75 + 0.25 * clamp(v));
      };
      stage.face(points, TREE, paint, uv);
    };
    face(wall(s, from, s, to, height), [-Math.sign(s), 0, 0], unrolled(to - from, height));
    face(wall(s, from, s + deep, from, height), [0, 0, -1], unrolled(deep, height));
  };
  return { z: from, draw };
}

function wall(s0: number, z0: number, s1: number, z1: number, height: number): Point[] {
  return [
    [s0, -0.1, z0],
    [s1, -0.1, z1],
    [s1, height, z1],
    [s0, height, z0],
  ];
}

function unrolled(length: number, height: number): [number, number][] {
  return [
    [0, -0.1],
    [length, -0.1],
    [length, height],
    [0, height],
  ];
}
