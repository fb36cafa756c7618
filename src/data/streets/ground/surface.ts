import type { Random } from "../../../util/random.ts";
import { ROAD, SIDEWALK, TREE } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, mixed, rgb, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { randomMarkings } from "./markings.ts";
import { clamp, fractalNoise, hash, noise } from "../render/noise.ts";
import type { FrontGround, Plan, SidePlan } from "../layout/plan.ts";
import { facadeLine, inJunction, propertyLine } from "../layout/plan.ts";

/**
 * The albedo and class of the ground at s metres right of the road's middle and depth z; `fs` and `fz` are the size in
 * metres of a sample there, across and ahead.
 */
export type Surface = (s: number, z: number, fs: number, fz: number, out: Float64Array) => number;

type Texture = (s: number, z: number, fs: number, fz: number, out: Float64Array) => void;

/** The ground of a street: road and markings, sidewalks, grass and forecourts. */
export function randomSurface(random: Random, plan: Plan): Surface {
  const asphalt = roadTexture(random.split("road"), plan);
  const mark = randomMarkings(random.split("markings"), plan);
  const road: Texture = (s, z, fs, fz, out) => {
    asphalt(s, z, fs, fz, out);
    mark(s, z, fs, fz, out);
  };
  const sides = plan.sides.map((side) => sideSurface(random.split("side", side.sign), plan, side, road));
  const crossFrom = plan.closed ? plan.end - 11 : Infinity;
  const crossTo = plan.end - 2.5;
  return (s, z, fs, fz, out) => {
    if (z > crossFrom && z < crossTo) {
      asphalt(s, z, fs, fz, out);
      return ROAD;
    }
    const side = s < 0 ? 0 : 1;
    const away = Math.abs(s);
    if (z < crossFrom && away <= plan.sides[side].kerb) {
      road(s, z, fs, fz, out);
      return ROAD;
    }
    return sides[side]!(away, z, fs, fz, out);
  };
}

function sideSurface(random: Random, plan: Plan, side: SidePlan, road: Texture): Surface {
  const walk = walkTexture(random);
  const grass = grassTexture(random);
  const front = frontTexture(random, side.ground, grass, walk);
  const kerbstone = varied(random, grey(random.between(110, 185)), 0.1);
  const corner = side.walk;
  const [toVerge, toFront, toWall] = [side.kerb + side.verge, propertyLine(side), facadeLine(side)];
  const frontId = side.ground === "grass" ? TREE : SIDEWALK;
  const drive = random.chance(0.5) && side.kind === "houses" ? random.between(9, 14) : 0;
  const edge = side.walk > 0 || side.verge > 0 ? 0.16 : 0;
  return (away, z, fs, fz, out) => {
    const s = away * side.sign;
    if (inJunction(plan, side.sign, z)) {
      road(s, z, fs, fz, out);
      return ROAD;
    }
    if (away < side.kerb + edge) {
      set(out, kerbstone, 0.85 + 0.3 * noise(s, z * 0.9, 5));
      return SIDEWALK;
    }
    const crossing = drive > 0 && Math.abs((((z % drive) + drive) % drive) - 3) < 1.5;
    if (away < toVerge && !crossing) {
      grass(s, z, fs, fz, out);
      return TREE;
    }
    if (away < toFront || inJunction(plan, side.sign, z, corner) || crossing) {
      walk(s, z, fs, fz, out);
      return SIDEWALK;
    }
    front(s, z, fs, fz, out);
    return away > toWall && side.kind !== "terrace" && side.kind !== "blocks" && side.ground !== "grass"
      ? SIDEWALK
      : frontId;
  };
}

function set(out: Float64Array, colour: Rgb, level: number): void {
  out[0] = colour[0] * level;
  out[1] = colour[1] * level;
  out[2] = colour[2] * level;
}

function roadTexture(random: Random, plan: Plan): Texture {
  const seed = random.integer(1 << 20);
  const paving = pickWeighted(random, [
    [86, "asphalt"],
    [9, "setts"],
    [5, "concrete"],
  ]);
  const base = varied(random, paving === "concrete" ? grey(150) : mixed(grey(74), grey(138), random.uniform()), 0.1);
  const mottle = random.between(0.06, 0.22);
  const patched = random.chance(0.5) ? random.between(0.03, 0.14) : 0;
  const tracks = random.between(-0.12, 0.12);
  const joints = paving === "concrete" ? 0.25 : 0;
  return (s, z, fs, fz, out) => {
    let level = 1 + mottle * 2 * (fractalNoise(s * 1.1, z * 0.45, seed, 2) - 0.5);
    const fine = clamp(1.2 - fz * 3);
    if (fine > 0) level += 0.22 * fine * (noise(s * 11, z * 11, seed + 3) - 0.5);
    const rut = (2 * s) / plan.laneWidth;
    level += tracks * (4 * Math.abs(rut - Math.round(rut)) - 1);
    const cell = hash(Math.floor(s / 2.3 + 0.31), Math.floor(z / 6.1), seed + 4);
    if (cell < patched) level *= cell < patched / 2 ? 0.8 : 1.16;
    if (paving === "setts") level *= 1 - 0.34 * clamp(0.12 / fz) * setts(s, z);
    if (joints > 0 && z % 5 < Math.max(0.08, fz)) level *= 1 - joints * clamp(0.08 / fz + 0.2);
    set(out, base, level);
  };
}

function setts(s: number, z: number): number {
  const row = Math.floor(z / 0.16);
  const across = s / 0.2 + (row & 1) * 0.5;
  return z / 0.16 - row < 0.2 || across - Math.floor(across) < 0.18 ? 1 : 0.4 * hash(Math.floor(across), row, 3);
}

function walkTexture(random: Random): Texture {
  const seed = random.integer(1 << 20);
  const base = varied(
    random,
    pickWeighted(random, [
      [35, grey(random.between(120, 175))],
      [20, rgb(178, 166, 148)],
      [15, rgb(158, 118, 102)],
      [18, grey(random.between(85, 120))],
      [8, rgb(205, 196, 182)],
    ]),
    0.12,
  );
  const slab = random.chance(0.7) ? random.between(0.45, 1.2) : 0;
  const contrast = random.between(0.1, 0.3);
  return (s, z, fs, fz, out) => {
    let level = 0.88 + 0.24 * fractalNoise(s * 1.3, z * 0.8, seed, 2);
    if (slab > 0) {
      const [a, b] = [s / slab, z / slab];
      const near = clamp((0.3 * slab) / fz);
      level *= 1 + 0.16 * near * (hash(Math.floor(a), Math.floor(b), seed) - 0.5);
      const joint = Math.max(0.04, fs) / slab;
      const across = a - Math.floor(a) < joint ? clamp(0.05 / fs) : 0;
      const ahead = b - Math.floor(b) < Math.max(0.04, fz) / slab ? clamp(0.06 / fz) : 0;
      level *= 1 - contrast * Math.max(across, ahead) * clamp((0.6 * slab) / fz);
    }
    set(out, base, level);
  };
}

function grassTexture(random: Random): Texture {
  const seed = random.integer(1 << 20);
  const fresh = varied(
    random,
    pick(random, [rgb(86, 118, 52), rgb(100, 122, 66), rgb(112, 116, 70), rgb(76, 98, 48)]),
    0.15,
  );
  const dry = varied(random, rgb(140, 130, 88), 0.15);
  const dryness = random.between(0, 0.7);
  return (s, z, _fs, fz, out) => {
    const where = fractalNoise(s * 0.35, z * 0.35, seed, 2);
    const blades =
      1 + 0.6 * clamp(0.9 - fz) * (noise(s * 9, z * 6, seed + 5) - 0.5) + 0.3 * (noise(s * 2, z * 2, seed) - 0.5);
    const t = clamp(where * 1.6 - 0.8 + dryness);
    for (let k = 0; k < 3; k++) out[k] = (fresh[k]! + (dry[k]! - fresh[k]!) * t) * blades;
  };
}

function frontTexture(random: Random, ground: FrontGround, grass: Texture, walk: Texture): Texture {
  if (ground === "grass") return grass;
  if (ground === "paved") return random.chance(0.5) ? walk : walkTexture(random);
  const seed = random.integer(1 << 20);
  const base = varied(random, rgb(172, 158, 136), 0.15);
  return (s, z, _fs, fz, out) => set(out, base, 1 + 0.5 * clamp(1 - fz) * (noise(s * 14, z * 14, seed) - 0.5));
}
