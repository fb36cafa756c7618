/** Red, green and blue, 0–255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One colour per class id. */
export type Palette = readonly Colour[];

/**
 * The colours of the CamVid database for its 32 classes and for the 11/12-class names in common use
 * (Brostow et al. 2009, "Semantic object classes in video").
 */
const camvid: Readonly<Record<string, Colour>> = {
  animal: [64, 128, 64],
  archway: [192, 0, 128],
  bicyclist: [0, 128, 192],
  bridge: [0, 128, 64],
  building: [128, 0, 0],
  car: [64, 0, 128],
  cartluggagepram: [64, 0, 192],
  child: [192, 128, 64],
  column_pole: [192, 192, 128],
  cyclist: [0, 128, 192],
  fence: [64, 64, 128],
  lanemkgsdriv: [128, 0, 192],
  lanemkgsnondriv: [192, 0, 64],
  misc_text: [128, 128, 64],
  motorcyclescooter: [192, 0, 192],
  othermoving: [128, 64, 64],
  parkingblock: [64, 192, 128],
  pedestrian: [64, 64, 0],
  pole: [192, 192, 128],
  road: [128, 64, 128],
  roadshoulder: [128, 128, 192],
  sidewalk: [0, 0, 192],
  sign: [192, 128, 128],
  signsymbol: [192, 128, 128],
  sky: [128, 128, 128],
  suvpickuptruck: [64, 128, 192],
  trafficcone: [0, 0, 64],
  trafficlight: [0, 64, 64],
  train: [192, 64, 128],
  tree: [128, 128, 0],
  truck_bus: [192, 128, 192],
  tunnel: [64, 0, 64],
  vegetationmisc: [192, 192, 0],
  void: [0, 0, 0],
  wall: [64, 192, 0],
};

/** The eleven names that CamVid's 32 classes are commonly merged into, each with other ways of writing it. */
const merged: readonly (readonly string[])[] = [
  ["sky"],
  ["building"],
  ["pole", "column_pole"],
  ["road"],
  ["sidewalk"],
  ["tree"],
  ["sign", "signsymbol"],
  ["fence"],
  ["car"],
  ["pedestrian"],
  ["bicyclist", "cyclist"],
];
/** The 32 names of the database but for void. */
const original = new Set(Object.keys(camvid).filter((name) => !["cyclist", "pole", "sign", "void"].includes(name)));

/** Whether names are CamVid's: the 32 classes of the database or the eleven that they are merged into, with or without void. */
function areCamvids(classes: readonly string[]): boolean {
  const names = new Set(classes.map((name) => name.toLowerCase()).filter((name) => name !== "void"));
  if (names.size === original.size) return [...names].every((name) => original.has(name));
  return names.size === merged.length && merged.every((ways) => ways.some((name) => names.has(name)));
}

/** Okabe and Ito's colours for people with and without colour blindness ("Color universal design", 2008). */
const okabeIto: Palette = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

const black: Colour = [0, 0, 0];

/**
 * Colours for class names: CamVid's own where the names together are CamVid's; otherwise black for the void class and
 * colours that also differ for colour-blind eyes for the rest. The same names give the same colours.
 * @example const palette = paletteFor(["Void", "Wood", "Bark"], 0);
 */
export function paletteFor(classes: readonly string[], voidIndex: number | null = null): Palette {
  if (areCamvids(classes)) return classes.map((name) => camvid[name.toLowerCase()]!);
  const spread = distinctColours(classes.length);
  let next = 0;
  return classes.map((_, id) => (id === voidIndex ? black : spread[next++]!));
}

/**
 * The first `count` (at most 256) of a fixed series of colours: Okabe and Ito's seven, then always the one farthest
 * from all before it and from black, as seen by normal, protanopic and deuteranopic eyes.
 */
export function distinctColours(count: number): Palette {
  const chosen: Colour[] = okabeIto.slice(0, count);
  if (chosen.length === count) return chosen;
  const candidates = cube(8).map((colour) => ({ colour, seen: appearances(colour), distance: Infinity }));
  const keepAway = (from: Colour) => {
    const seen = appearances(from);
    for (const c of candidates) c.distance = Math.min(c.distance, leastDistance(c.seen, seen));
  };
  for (const colour of [black, ...chosen]) keepAway(colour);
  while (chosen.length < count) {
    const best = candidates.reduce((a, b) => (b.distance > a.distance ? b : a));
    chosen.push(best.colour);
    keepAway(best.colour);
  }
  return chosen;
}

/**
 * How far apart two colours look, as a distance in Oklab, to those of normal, protanopic and deuteranopic eyes that tell
 * them apart least.
 */
export function colourDistance(a: Colour, b: Colour): number {
  return leastDistance(appearances(a), appearances(b));
}

/** All colours whose channels are one of `steps` equidistant values. */
function cube(steps: number): Colour[] {
  const level = (i: number) => Math.round((255 * i) / (steps - 1));
  return Array.from({ length: steps ** 3 }, (_, i) => [
    level(Math.floor(i / steps ** 2)),
    level(Math.floor(i / steps) % steps),
    level(i % steps),
  ]);
}

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Full protanopia and deuteranopia in linear RGB (Machado, Oliveira and Fernandes 2009). */
const protanopia: Matrix = [
  [0.152286, 1.052583, -0.204868],
  [0.114503, 0.786281, 0.099216],
  [-0.003882, -0.048116, 1.051998],
];
const deuteranopia: Matrix = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];

/** The colour in Oklab as the three kinds of eyes see it. */
function appearances(colour: Colour): readonly Triple[] {
  const linear = map3(colour, (v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return [linear, times(protanopia, linear), times(deuteranopia, linear)].map(oklab);
}

function leastDistance(a: readonly Triple[], b: readonly Triple[]): number {
  return Math.min(...a.map((p, i) => Math.hypot(p[0] - b[i]![0], p[1] - b[i]![1], p[2] - b[i]![2])));
}

/** Ottosson 2020, "A perceptual color space for image processing". */
function oklab(linear: Triple): Triple {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    linear,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    map3(cones, Math.cbrt),
  );
}

function times(m: Matrix, [x, y, z]: Triple): Triple {
  return map3(m, (row) => row[0] * x + row[1] * y + row[2] * z);
}

function map3<T>(values: readonly [T, T, T], f: (value: T) => number): Triple {
  return [f(values[0]), f(values[1]), f(values[2])];
}
