import type { Random } from "../../../util/random.ts";
import type { Place } from "../render/board.ts";
import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import { FENCE } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, varied } from "../render/colour.ts";
import { pick, pickWeighted, within } from "../render/draws.ts";
import { shadeGround } from "../ground/ground.ts";
import { clamp, fractalNoise, hash, noise } from "../render/noise.ts";
import type { Stage, Thing } from "../render/stage.ts";

export type FenceKind = "pickets" | "boards" | "railing" | "mesh" | "wall" | "guardrail";

export interface Fence {
  readonly kind: FenceKind;
  readonly height: number;
  readonly colour: Rgb;
  readonly seed: number;
}

const colours: Readonly<Record<FenceKind, readonly Rgb[]>> = {
  pickets: [grey(230), rgb(160, 130, 100), rgb(120, 104, 90), rgb(90, 120, 100)],
  boards: [rgb(140, 108, 78), rgb(110, 92, 78), rgb(96, 112, 84), rgb(128, 122, 116)],
  railing: [grey(40), grey(60), rgb(46, 80, 62), grey(150)],
  mesh: [rgb(74, 104, 82), grey(130)],
  wall: [rgb(150, 96, 78), rgb(176, 160, 136), grey(170), rgb(124, 84, 72)],
  guardrail: [grey(160), grey(185), rgb(140, 144, 150)],
};

export function randomFence(random: Random, kerbside: boolean): Fence {
  const kind = kerbside
    ? pickWeighted<FenceKind>(random, [
        [60, "railing"],
        [40, "guardrail"],
      ])
    : pickWeighted<FenceKind>(random, [
        [22, "pickets"],
        [20, "boards"],
        [24, "railing"],
        [10, "mesh"],
        [24, "wall"],
      ]);
  const tall: Record<FenceKind, readonly [number, number]> = {
    pickets: [0.9, 1.3],
    boards: [1.4, 2.1],
    railing: [0.95, 1.7],
    mesh: [1.3, 2.3],
    wall: [0.7, 1.9],
    guardrail: [0.7, 0.85],
  };
  return {
    kind,
    height: within(random, tall[kind]),
    colour: varied(random, pick(random, colours[kind]), 0.2),
    seed: random.integer(1 << 20),
  };
}

/** A stretch of fence from `a` to `b`. All of it is labelled fence, what shows through included. */
export function fenceThing(fence: Fence, a: Place, b: Place): Thing {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const points: Point[] = [
    [a[0], 0, a[1]],
    [b[0], 0, b[1]],
    [b[0], fence.height, b[1]],
    [a[0], fence.height, a[1]],
  ];
  const uv: [number, number][] = [
    [a[1], 0],
    [a[1] + length, 0],
    [a[1] + length, fence.height],
    [a[1], fence.height],
  ];
  return {
    z: Math.min(a[1], b[1]),
    seeThrough: fence.kind !== "boards" && fence.kind !== "wall",
    draw: (stage) => {
      if (Math.max(a[1], b[1]) > 0.7) stage.face(points, FENCE, fencePaint(stage, fence, a, b), uv);
    },
    shade: (stage) => shadeFence(stage, fence, a, b),
  };
}

function shadeFence(stage: Stage, fence: Fence, a: Place, b: Place): void {
  const { toSun, sun } = stage.light;
  if (sun[0] < 0.05) return;
  const reach = Math.min(fence.height / toSun[1], 6);
  const [ds, dz] = [-toSun[0] * reach, -toSun[2] * reach];
  const solid = fence.kind === "boards" || fence.kind === "wall" ? 0.95 : 0.35;
  shadeGround(stage, [a, b, [b[0] + ds, b[1] + dz], [a[0] + ds, a[1] + dz]], {
    sun: 0.06,
    sky: 1,
    opacity: () => solid,
  });
}

function fencePaint(stage: Stage, fence: Fence, a: Place, b: Place): Paint {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const [nx, nz] = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
  const distance = nx * (stage.camera.lens.offset - a[0]) - nz * a[1];
  const flip = distance < 0 ? -1 : 1;
  const sun = stage.sunAt((a[0] + b[0]) / 2, fence.height, (a[1] + b[1]) / 2);
  const lit = stage.lit(fence.colour, [nx * flip, 0, nz * flip], sun);
  const matter = matterOf(fence);
  const focal = stage.camera.lens.focal * Math.max(0.3, Math.abs(distance));
  return (u, v, depth, out) => {
    const f = (depth * depth) / focal;
    const level = matter(u, v, f, out);
    for (let k = 0; k < 3; k++) out[k] = lit[k]! * level;
  };
}

/** Returns the brightness of a fence at u along and v up, and sets how much of the sample it fills, as its opacity. */
type FenceMatter = (u: number, v: number, f: number, out: Float64Array) => number;

function matterOf(fence: Fence): FenceMatter {
  const { kind, height, seed } = fence;
  if (kind === "wall") return wallMatter(height, seed);
  if (kind === "boards") {
    return (u, v, f) => {
      const plank = hash(Math.floor(u / 0.14), 0, seed);
      const gap = clamp(0.06 / f) * (u / 0.14 - Math.floor(u / 0.14) < 0.12 ? 0.4 : 0);
      return 0.9 + 0.25 * clamp(0.2 / f) * (plank - 0.5) - gap + 0.15 * (fractalNoise(u, v, seed, 2) - 0.5);
    };
  }
  if (kind === "guardrail") {
    return (u, v, f, out) => {
      const beam = v > height - 0.34;
      out[3] = beam ? 1 : 0.15 + 0.85 * bars(u, 2.5, 0.14, f);
      return beam ? 0.8 + 0.35 * Math.cos((v - height) * 36) : 0.7;
    };
  }
  if (kind === "mesh") {
    return (u, v, f, out) => {
      const post = bars(u, 2.5, 0.07, f);
      const rail = v > height - 0.06 ? 1 : 0;
      out[3] = Math.max(post, rail, 0.34 + 0.1 * noise(u * 9, v * 9, seed));
      return 1;
    };
  }
  const [period, width] = kind === "pickets" ? [0.17, 0.1] : [0.13, 0.035];
  return (u, v, f, out) => {
    const rail = Math.abs(v - 0.2) < 0.05 || Math.abs(v - height + 0.08) < 0.06 ? 1 : 0;
    out[3] = Math.max(rail, bars(u, period, width, f), bars(u, 2.2, 0.09, f));
    return 0.92 + 0.16 * hash(Math.floor(u / period), 1, seed);
  };
}

/** How much of a sample of width f upright bars fill. */
function bars(u: number, period: number, width: number, f: number): number {
  const share = width / period;
  if (f > period * 0.8) return share;
  const phase = u - Math.floor(u / period) * period;
  const sharp = phase < width ? 1 : 0;
  const t = clamp(f / period / 0.8);
  return sharp * (1 - t) + share * t;
}

function wallMatter(height: number, seed: number): FenceMatter {
  return (u, v, f) => {
    if (v > height - 0.1) return 1.25;
    const row = Math.floor(v / 0.13);
    const across = u / 0.3 + (row & 1) * 0.5;
    const fine = clamp(1.2 - 5 * f);
    const mortar =
      v / 0.13 - row < 0.18 || across - Math.floor(across) < 0.08
        ? 0.2
        : 0.3 * (hash(Math.floor(across), row, seed) - 0.5);
    return 0.9 + fine * mortar + 0.3 * (fractalNoise(u * 0.7, v, seed, 2) - 0.5);
  };
}
