import type { Random } from "../../../util/random.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, mixed, rgb } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { clamp, noise } from "../render/noise.ts";
import type { Plan } from "../layout/plan.ts";
import { inJunction, laneEdge } from "../layout/plan.ts";

/** Paints what is marked on the road over the albedo in `out`; see `Surface` for the rest. */
export type Markings = (s: number, z: number, fs: number, fz: number, out: Float64Array) => void;

/** The paint on the road: how much of a sample it covers, 0–1, and whether it is the second colour. */
type Mark = (s: number, z: number, fs: number, fz: number) => number;

/** Lane lines, edges, cycle lanes, zebra crossings, stop lines and arrows of a street. */
export function randomMarkings(random: Random, plan: Plan): Markings {
  const white = grey(random.between(185, 245));
  const yellow = rgb(225, 180, 60);
  const centreColour = random.chance(0.2) ? yellow : white;
  const wear = random.between(0, 0.75);
  const seed = random.integer(1 << 20);
  const centre = centreLine(random, plan);
  const rest = union([laneLines(plan), edgeLines(random, plan), arrows(random, plan)]);
  const yellows = kerbLines(random, plan);
  const across = union([zebra(plan), stopLine(random, plan)]);
  const tint = cycleTint(random);
  const linesNear = lineTable(plan);
  return (s, z, fs, fz, out) => {
    if (onCycleLane(plan, s)) blend(out, tint.colour, tint.cover);
    const bars = across(s, z, fs, fz);
    const open = (fs > cell || linesNear(s)) && !crossed(plan, z);
    const middle = open ? centre(s, z, fs, fz) : 0;
    const lines = open ? rest(s, z, fs, fz) : 0;
    const edge = open ? yellows(s, z, fs, fz) : 0;
    if (bars + middle + lines + edge === 0) return;
    const worn = 1 - wear * clamp(2.2 * noise(s * 2.1, z * 1.1, seed) - 0.7);
    blend(out, white, Math.max(bars, lines) * worn);
    blend(out, centreColour, middle * worn);
    blend(out, yellow, edge * worn);
  };
}

/** The width of a cell of `lineTable`, metres. */
const cell = 0.1;

/**
 * Tells quickly whether anything that runs along the road may be marked at s, for samples no wider than `cell`; most of
 * a road is bare.
 */
function lineTable(plan: Plan): (s: number) => boolean {
  const reach = 25;
  const table = new Uint8Array((2 * reach) / cell);
  const mark = (middle: number, half: number): void => {
    const from = Math.floor((middle - half + reach) / cell) - 1;
    const to = Math.ceil((middle + half + reach) / cell) + 1;
    for (let i = Math.max(0, from); i <= Math.min(table.length - 1, to); i++) table[i] = 1;
  };
  mark(0, 0.3);
  for (const side of plan.sides) {
    mark(side.sign * side.kerb, 0.45);
    mark(side.sign * laneEdge(plan), 0.13);
    mark(side.sign * plan.laneWidth, 0.08);
    for (let lane = 0; lane < plan.lanes; lane++) mark(side.sign * (lane + 0.5) * plan.laneWidth, 0.45);
  }
  return (s) => table[Math.floor((s + reach) / cell)] === 1;
}

function blend(out: Float64Array, colour: Rgb, cover: number): void {
  if (cover <= 0) return;
  for (let k = 0; k < 3; k++) out[k] = out[k]! + (colour[k]! - out[k]!) * cover;
}

function union(marks: readonly Mark[]): Mark {
  return (s, z, fs, fz) => {
    let cover = 0;
    for (const mark of marks) cover = Math.max(cover, mark(s, z, fs, fz));
    return cover;
  };
}

/** How much of a sample of size f around x lies within [low, high]. */
function within(x: number, low: number, high: number, f: number): number {
  const covered = (Math.min(x + f / 2, high) - Math.max(x - f / 2, low)) / f;
  return clamp(covered);
}

/** The same for a pattern repeated every `period`, painted on its first `length`. */
function dashes(z: number, period: number, length: number, f: number): number {
  if (f > period) return length / period;
  const phase = z - Math.floor(z / period) * period;
  return Math.max(within(phase, 0, length, f), within(phase - period, 0, length, f));
}

function crossed(plan: Plan, z: number): boolean {
  if (inJunction(plan, -1, z, 1) || inJunction(plan, 1, z, 1)) return true;
  const { zebra: from } = plan;
  return from !== undefined && z > from - 2 && z < from + 5;
}

function centreLine(random: Random, plan: Plan): Mark {
  const style = pickWeighted(random, [
    [50, "dashed"],
    [16, "solid"],
    [14, "double"],
    [plan.lanes > 1 ? 0 : 20, "none"],
  ]);
  const [period, length] = pick(random, [
    [6, 2],
    [9, 3],
    [4.5, 2.5],
    [12, 4],
  ] as const);
  const w = random.between(0.05, 0.09);
  if (style === "none") return () => 0;
  if (style === "solid") return (s, _z, fs) => within(s, -w, w, fs);
  if (style === "double") return (s, _z, fs) => within(Math.abs(s), 0.1, 0.1 + 2 * w, fs);
  return (s, z, fs, fz) => within(s, -w, w, fs) * dashes(z, period, length, fz);
}

function laneLines(plan: Plan): Mark {
  if (plan.lanes < 2) return () => 0;
  return (s, z, fs, fz) => within(Math.abs(s), plan.laneWidth - 0.06, plan.laneWidth + 0.06, fs) * dashes(z, 8, 3, fz);
}

function edgeLines(random: Random, plan: Plan): Mark {
  const edge = laneEdge(plan);
  const drawn = random.chance(0.55);
  const broken = random.chance(0.3);
  return (s, z, fs, fz) => {
    const side = s < 0 ? plan.sides[0] : plan.sides[1];
    if (!drawn && side.cycleLane === 0) return 0;
    return within(Math.abs(s), edge - 0.12, edge, fs) * (broken ? dashes(z, 3, 1.5, fz) : 1);
  };
}

/** The double yellow lines beside kerbs where nobody may park. */
function kerbLines(random: Random, plan: Plan): Mark {
  if (!random.chance(0.25)) return () => 0;
  return (s, _z, fs) => {
    const side = s < 0 ? plan.sides[0] : plan.sides[1];
    if (side.parking) return 0;
    const from = side.kerb - Math.abs(s);
    return Math.max(within(from, 0.15, 0.24, fs), within(from, 0.34, 0.43, fs));
  };
}

function arrows(random: Random, plan: Plan): Mark {
  if (!random.chance(0.3)) return () => 0;
  const every = random.between(18, 35);
  const first = random.between(3, every);
  return (s, z, fs, fz) => {
    const lane = (Math.floor(Math.abs(s) / plan.laneWidth) + 0.5) * plan.laneWidth;
    if (s * plan.keep < 0 || lane > laneEdge(plan)) return 0;
    const across = Math.abs(Math.abs(s) - lane);
    const along = (((z - first) % every) + every) % every;
    if (along > 4.4) return 0;
    const half = along < 2.6 ? 0.1 : 0.42 * (1 - (along - 2.6) / 1.8);
    return within(across, -half, half, fs) * clamp(3 / fz);
  };
}

function zebra(plan: Plan): Mark {
  const { zebra: from } = plan;
  if (from === undefined) return () => 0;
  return (s, z, fs, fz) => within(z, from, from + 3.2, fz) * dashes(s + 0.25, 1, 0.5, fs);
}

function stopLine(random: Random, plan: Plan): Mark {
  const at = plan.zebra === undefined ? plan.junction && plan.junction.near - 1.5 : plan.zebra - 1.3;
  if (at === undefined || random.chance(0.25)) return () => 0;
  return (s, z, _fs, fz) => (s * plan.keep > 0 && Math.abs(s) < laneEdge(plan) ? within(z, at, at + 0.35, fz) : 0);
}

function onCycleLane(plan: Plan, s: number): boolean {
  const side = s < 0 ? plan.sides[0] : plan.sides[1];
  const edge = laneEdge(plan);
  return side.cycleLane > 0 && Math.abs(s) > edge && Math.abs(s) < edge + side.cycleLane;
}

function cycleTint(random: Random): { colour: Rgb; cover: number } {
  const colour = pick(random, [rgb(150, 78, 62), rgb(80, 125, 92), rgb(84, 108, 146)]);
  return { colour: mixed(colour, grey(100), 0.2), cover: random.chance(0.6) ? 0.8 : 0 };
}
