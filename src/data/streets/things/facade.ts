import type { Random } from "../../../util/random.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, mixed, rgb, scaled, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { clamp, fractalNoise, hash, noise } from "../render/noise.ts";

export type Material = "plaster" | "brick" | "panel" | "timber" | "stone" | "glass";

/** The face of a house; lengths in metres. */
export interface Facade {
  readonly material: Material;
  readonly wall: Rgb;
  readonly trim: Rgb;
  readonly frame: Rgb;
  readonly storey: number;
  /** Distance from window to window, and the width and height of one. */
  readonly bay: number;
  readonly window: readonly [width: number, height: number];
  /** Height of the window's foot above the floor. */
  readonly sill: number;
  readonly groundFloor: "shop" | "door" | "same";
  readonly shopColour: Rgb;
  /** Height of a band of trim between storeys; 0 without. */
  readonly band: number;
  readonly balconies: boolean;
  readonly weathering: number;
  readonly seed: number;
}

const walls: Readonly<Record<Material, readonly Rgb[]>> = {
  plaster: [
    rgb(226, 218, 202),
    rgb(205, 188, 160),
    rgb(190, 192, 190),
    rgb(214, 190, 150),
    rgb(196, 160, 138),
    rgb(168, 182, 190),
    rgb(180, 190, 165),
    rgb(238, 236, 232),
    rgb(140, 138, 136),
  ],
  brick: [
    rgb(140, 82, 66),
    rgb(160, 104, 80),
    rgb(176, 148, 116),
    rgb(110, 76, 66),
    rgb(184, 166, 138),
    rgb(120, 104, 92),
  ],
  panel: [grey(150), grey(120), rgb(176, 172, 164), rgb(130, 138, 146), rgb(100, 104, 110)],
  timber: [rgb(150, 118, 86), rgb(110, 92, 78), rgb(200, 202, 200), rgb(120, 140, 150), rgb(150, 70, 60)],
  stone: [rgb(190, 178, 156), rgb(164, 156, 144), rgb(140, 132, 122)],
  glass: [rgb(100, 116, 130), rgb(80, 92, 100), rgb(120, 130, 130)],
};

export type FacadeKind = "terrace" | "block" | "house";

export function randomFacade(random: Random, kind: FacadeKind): Facade {
  const material = pickWeighted<Material>(random, [
    [kind === "block" ? 20 : 38, "plaster"],
    [kind === "block" ? 16 : 32, "brick"],
    [kind === "block" ? 30 : 2, "panel"],
    [kind === "house" ? 14 : 2, "timber"],
    [kind === "terrace" ? 14 : 6, "stone"],
    [kind === "block" ? 14 : kind === "terrace" ? 2 : 0, "glass"],
  ]);
  const storey = kind === "house" ? random.between(2.6, 2.9) : random.between(2.9, 3.8);
  const bay = material === "glass" ? random.between(1.2, 2) : random.between(1.9, kind === "house" ? 3.8 : 3.2);
  const wide = material === "glass" ? 0.9 : kind === "block" && random.chance(0.35) ? 0.86 : random.between(0.36, 0.62);
  const tall = material === "glass" ? 0.86 : random.between(0.42, 0.62);
  const wall = varied(random, pick(random, walls[material]), 0.16);
  return {
    material,
    wall,
    trim: random.chance(0.6) ? varied(random, rgb(222, 216, 204), 0.1) : scaled(wall, random.between(0.6, 1.25)),
    frame: random.chance(0.65) ? grey(random.between(190, 240)) : varied(random, grey(60), 0.4),
    storey,
    bay,
    window: [bay * wide, storey * tall],
    sill: material === "glass" ? storey * 0.08 : storey * random.between(0.24, 0.32),
    groundFloor:
      kind === "house"
        ? "door"
        : random.chance(kind === "terrace" ? 0.6 : 0.35)
          ? "shop"
          : random.chance(0.7)
            ? "door"
            : "same",
    shopColour: varied(
      random,
      pick(random, [grey(50), rgb(40, 60, 90), rgb(120, 40, 40), rgb(50, 84, 60), grey(200), wall]),
      0.2,
    ),
    band: random.chance(0.4) ? random.between(0.14, 0.35) : 0,
    balconies: kind === "block" && material !== "glass" && random.chance(0.35),
    weathering: random.between(0.05, 0.3),
    seed: random.integer(1 << 20),
  };
}

/** What a point of a wall is made of. */
export interface Matter {
  readonly albedo: Float64Array;
  /** Share of the sky it mirrors, 0–1. */
  mirror: number;
}

/**
 * The matter of a facade at u metres along and v metres up, where a sample is `f` metres wide; details smaller than
 * that melt into their mean.
 */
export function facadeAt(facade: Facade, u: number, v: number, f: number, matter: Matter): void {
  wallAt(facade, u, v, f, matter);
  const { storey, bay } = facade;
  const ground = v < storey;
  if (ground && facade.groundFloor === "shop") return shopAt(facade, u, v, f, matter);
  const floor = Math.floor(v / storey);
  const column = Math.floor(u / bay);
  const y = v - floor * storey;
  const x = u - (column + 0.5) * bay;
  if (ground && facade.groundFloor === "door" && isDoor(facade, column)) return doorAt(facade, x, y, column, matter);
  if (facade.band > 0 && !ground && y < facade.band) tint(matter, facade.trim, 0.9);
  else if (facade.balconies && !ground && y < 1 && column % 2 === 0) tint(matter, facade.trim, 0.85);
  else windowAt(facade, x, y - facade.sill, hash(column, floor, facade.seed), f, matter);
}

function isDoor(facade: Facade, column: number): boolean {
  return ((column % 3) + 3) % 3 === facade.seed % 3;
}

/** The wall itself, without openings. */
export function wallAt(facade: Facade, u: number, v: number, f: number, matter: Matter): void {
  const { seed, material, wall, weathering } = facade;
  const fine = clamp(1.3 - 4 * f);
  let level = 1 + weathering * (fractalNoise(u * 0.5, v * 0.35, seed, 2) - 0.6);
  if (v < 0.8) level *= 0.9 + 0.1 * (v / 0.8);
  if (material === "brick" && fine > 0) level *= 1 + fine * bricks(u, v, seed);
  else if (material === "panel") level *= 1 - 0.22 * joint(u, facade.bay, f) - 0.22 * joint(v, facade.storey, f);
  else if (material === "timber") level *= 1 - 0.25 * joint(v, 0.22, f * 0.7);
  else if (material === "stone")
    level *= 1 - 0.25 * Math.max(joint(v, 0.55, f), joint(u + (Math.floor(v / 0.55) & 1) * 0.6, 1.2, f));
  else if (fine > 0) level *= 1 + 0.1 * fine * (noise(u * 7, v * 7, seed) - 0.5);
  matter.mirror = 0;
  for (let k = 0; k < 3; k++) matter.albedo[k] = wall[k]! * level;
}

/** 1 in the joints of a grid, fading where a sample is wider than they are. */
function joint(x: number, period: number, f: number): number {
  const wide = Math.max(0.05, f);
  return x - Math.floor(x / period) * period < wide ? clamp((0.05 / wide) * 1.4) * clamp((0.5 * period) / wide) : 0;
}

function bricks(u: number, v: number, seed: number): number {
  const row = Math.floor(v / 0.15);
  const across = u / 0.32 + (row & 1) * 0.5;
  const brick = Math.floor(across);
  if (v / 0.15 - row < 0.2 || across - brick < 0.1) return 0.2;
  return 0.35 * (hash(brick, row, seed) - 0.5);
}

const glassDark: Rgb = rgb(46, 54, 62);
const curtain: Rgb = rgb(176, 170, 158);

/** A window whose foot's middle is the origin. */
function windowAt(facade: Facade, x: number, y: number, chance: number, f: number, matter: Matter): void {
  const [width, height] = facade.window;
  const inX = edgeCover(Math.abs(x), width / 2, f);
  const inY = edgeCover(Math.abs(y - height / 2), height / 2, 0.02);
  const cover = inX * inY;
  if (y < 0 && y > -0.14 && Math.abs(x) < width / 2 + 0.12) tint(matter, facade.trim, clamp(0.3 / f));
  if (cover <= 0) return;
  const lintel = Math.abs(x) > width / 2 - 0.07 || y < 0.07 || y > height - 0.07 || Math.abs(x) < 0.035;
  if (lintel && f < 0.3) return tint(matter, facade.frame, cover);
  const drawn = chance < 0.3 && y > height * (0.25 + chance * 2);
  const glass = drawn ? curtain : glassDark;
  tint(matter, glass, cover);
  matter.mirror = cover * (drawn ? 0.12 : 0.16 + 0.5 * chance * chance + 0.12 * (y / height));
}

function edgeCover(distance: number, half: number, f: number): number {
  return clamp((half - distance) / Math.max(f, 0.02) + 0.5) * Math.min(1, (2 * half) / Math.max(f, 0.01));
}

function doorAt(facade: Facade, x: number, y: number, column: number, matter: Matter): void {
  const away = Math.abs(x);
  if (away > 0.68 || y > 2.4) return;
  if (away > 0.52 || y > 2.2) return tint(matter, facade.trim, 1);
  const leaf = hash(column, 7, facade.seed);
  const colours = [grey(50), rgb(40, 70, 60), rgb(120, 36, 34), rgb(44, 58, 96), rgb(110, 74, 48)];
  tint(matter, colours[Math.floor(leaf * colours.length)]!, 1);
}

/** A shop front: a dark window above a plinth, pillars, and a fascia above it. */
function shopAt(facade: Facade, u: number, v: number, f: number, matter: Matter): void {
  const { storey, shopColour, seed } = facade;
  const unit = facade.bay * 2;
  const x = u - Math.floor(u / unit) * unit;
  const top = storey - 0.75;
  if (v > top || v < 0.35) return tint(matter, shopColour, 1);
  if (x < 0.25 || x > unit - 0.25) return tint(matter, mixed(shopColour, facade.wall, 0.5), clamp(0.6 / f));
  const goods = noise(u * 3.1, v * 2.3, seed);
  tint(matter, mixed(glassDark, goods > 0.55 ? rgb(150, 128, 96) : grey(92), goods * (v < 1.7 ? 0.55 : 0.25)), 1);
  matter.mirror = 0.22 + 0.2 * hash(Math.floor(u / unit), 3, seed);
}

function tint(matter: Matter, colour: Rgb, cover: number): void {
  const { albedo } = matter;
  for (let k = 0; k < 3; k++) albedo[k] = albedo[k]! + (colour[k]! - albedo[k]!) * cover;
}
