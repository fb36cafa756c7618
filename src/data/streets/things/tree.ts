import type { Random } from "../../../util/random.ts";
import { Board, ring } from "../render/board.ts";
import type { Paint } from "../render/canvas.ts";
import { TREE } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, mixed, rgb, scaled, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { ellipse, shadeFigure, shadeGround } from "../ground/ground.ts";
import { lightOnUpright } from "../render/light.ts";
import { clamp, fractalNoise, noise } from "../render/noise.ts";
import type { Stage, Thing } from "../render/stage.ts";

export type Season = "summer" | "autumn" | "spring" | "winter";
export type TreeKind = "round" | "column" | "conifer" | "bush";

/** A clump of leaves or twigs: an ellipse on the board. */
interface Clump {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
}

interface Branch {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly thick: readonly [number, number];
}

interface Tree {
  readonly s: number;
  readonly z: number;
  readonly height: number;
  readonly crown: { readonly width: number; readonly bottom: number };
  readonly clumps: readonly Clump[];
  readonly branches: readonly Branch[];
  readonly leaf: Rgb;
  readonly bark: Rgb;
  /** Share of the crown that is leaves rather than twigs against what is behind. */
  readonly density: number;
  readonly seed: number;
}

export function randomSeason(random: Random): Season {
  return pickWeighted(random, [
    [50, "summer"],
    [18, "autumn"],
    [14, "spring"],
    [18, "winter"],
  ]);
}

const leaves: Readonly<Record<Season, readonly Rgb[]>> = {
  summer: [rgb(62, 92, 40), rgb(80, 108, 48), rgb(52, 78, 44), rgb(96, 116, 60), rgb(70, 88, 60)],
  autumn: [rgb(170, 120, 48), rgb(150, 84, 46), rgb(130, 116, 56), rgb(186, 150, 70), rgb(100, 104, 54)],
  spring: [rgb(122, 150, 70), rgb(140, 160, 90), rgb(206, 180, 184), rgb(104, 132, 64)],
  winter: [rgb(98, 84, 70), rgb(112, 102, 92), rgb(86, 76, 68)],
};

/** A tree or bush of a kind at a place; `scale` 1 is full grown. */
export function randomTree(random: Random, kind: TreeKind, season: Season, s: number, z: number, scale: number): Thing {
  const evergreen = kind === "conifer" || (kind === "bush" && random.chance(0.7));
  const bare = season === "winter" && !evergreen;
  const height =
    scale *
    (kind === "bush" ? random.between(0.8, 1.8) : kind === "round" ? random.between(5, 10) : random.between(6, 12));
  const spread =
    kind === "bush"
      ? random.between(0.9, 1.8)
      : kind === "round"
        ? random.between(0.55, 0.85)
        : random.between(0.24, 0.36);
  const width = height * spread;
  const bottom =
    kind === "bush" ? 0 : height * (kind === "round" ? random.between(0.26, 0.38) : random.between(0.04, 0.16));
  const bark = varied(random, mixed(rgb(84, 70, 58), grey(110), random.uniform()), 0.25);
  const tree: Tree = {
    s,
    z,
    height,
    crown: { width, bottom },
    clumps: clumpsOf(random, kind, height, width, bottom),
    branches: kind === "bush" ? [] : branchesOf(random, height, bottom, kind === "round" ? width : width * 0.3),
    leaf: varied(
      random,
      evergreen ? pick(random, [rgb(48, 70, 46), rgb(58, 82, 56), rgb(66, 84, 50)]) : pick(random, leaves[season]),
      0.22,
    ),
    bark,
    density: bare
      ? random.between(0.2, 0.5)
      : season === "spring"
        ? random.between(0.64, 0.88)
        : random.between(0.78, 0.96),
    seed: random.integer(1 << 20),
  };
  return { z, seeThrough: bare, draw: (stage) => drawTree(stage, tree), shade: (stage) => shadeTree(stage, tree) };
}

function clumpsOf(random: Random, kind: TreeKind, height: number, width: number, bottom: number): Clump[] {
  const clumps: Clump[] = [];
  const tall = height - bottom;
  if (kind === "conifer") {
    for (let i = 0; i < 9; i++) {
      const t = i / 8;
      const r = (width / 2) * (1.05 - t) + 0.08;
      clumps.push({ x: 0.08 * r * random.normal(), y: bottom + tall * (0.06 + 0.9 * t), rx: r, ry: tall * 0.1 + 0.1 });
    }
    return clumps;
  }
  const count = kind === "bush" ? 6 : 15;
  clumps.push({ x: 0, y: bottom + tall * 0.5, rx: width * 0.34, ry: tall * 0.38 });
  for (let i = 0; i < count; i++) {
    const angle = random.between(0, 2 * Math.PI);
    const away = 0.62 * Math.sqrt(random.uniform());
    const r = random.between(0.3, 0.46);
    clumps.push({
      x: (width / 2) * away * Math.cos(angle) * 1.05,
      y: bottom + (tall / 2) * (1 + away * Math.sin(angle)),
      rx: (width / 2) * r,
      ry: Math.min(tall / 2, kind === "column" ? tall * 0.16 : width * 0.5) * r * 1.15,
    });
  }
  return clumps;
}

function branchesOf(random: Random, height: number, bottom: number, width: number): Branch[] {
  const thick = 0.035 * height * random.between(0.7, 1.2) + 0.05;
  const lean = 0.04 * height * random.normal();
  const fork: [number, number] = [lean * 0.4, bottom + 0.12 * height];
  const branches: Branch[] = [
    { from: [0, -0.1], to: fork, thick: [thick * 1.2, thick * 0.8] },
    { from: fork, to: [lean, height * 0.86], thick: [thick * 0.8, thick * 0.15] },
  ];
  for (let i = 0; i < 9; i++) {
    const t = random.between(0, 0.75);
    const from: [number, number] = [fork[0] + t * (lean - fork[0]), fork[1] + t * (height * 0.86 - fork[1])];
    const reach = width * random.between(0.28, 0.46) * (1 - 0.6 * t) * (i % 2 === 0 ? 1 : -1);
    const to: [number, number] = [
      from[0] + reach,
      Math.min(height * 0.97, from[1] + Math.abs(reach) * random.between(0.5, 1.4)),
    ];
    branches.push({ from, to, thick: [thick * 0.5 * (1 - t * 0.6), thick * 0.1] });
    const half: [number, number] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const twig: [number, number] = [
      half[0] + reach * 0.15,
      Math.min(height, half[1] + Math.abs(reach) * random.between(0.5, 0.9)),
    ];
    branches.push({ from: half, to: twig, thick: [thick * 0.28 * (1 - t * 0.6), thick * 0.08] });
  }
  return branches;
}

function drawTree(stage: Stage, tree: Tree): void {
  if (!stage.sees(tree.s, tree.z)) return;
  const sun = stage.sunAt(tree.s, tree.height * 0.6, tree.z);
  const light = lightOnUpright(stage.light, sun);
  const bare = tree.density < 0.6;
  // A leafy crown hides its trunk, so that stands behind all clumps.
  const board = new Board(stage, [tree.s, bare ? tree.z : tree.z * 1.021], light);
  const shown = bare ? tree.branches.length : tree.density < 0.85 ? 6 : 3;
  for (const branch of tree.branches.slice(0, shown)) board.limb(branch.from, branch.to, branch.thick, TREE, tree.bark);
  const paint = leafPaint(stage, tree, sun);
  // The clumps in front are painted first and hide those behind, which saves painting them.
  for (const [i, clump] of tree.clumps.entries()) {
    const { x, y, rx, ry } = clump;
    const corners = ring(x, y, rx * 1.25, ry * 1.25, 12);
    const behind = new Board(stage, [tree.s, tree.z * (1 + 0.0012 * i)], light);
    behind.painted(corners, TREE, paint(clump), corners);
  }
}

/** Leaves in board coordinates: ragged at a clump's edge, lit from the sun's side, mottled throughout. */
function leafPaint(stage: Stage, tree: Tree, sun: number): (clump: Clump) => Paint {
  const { light, camera } = stage;
  const { leaf, seed, density, height, crown } = tree;
  const shade = times3(leaf, scaled(light.ambient, 0.62));
  const lit = times3(leaf, light.sun);
  const [sx, sy, sz] = light.toSun;
  const grain = 2.2 + 10 / height;
  const sample = tree.z / camera.lens.focal;
  const fine = clamp(1.4 - sample * 6);
  return ({ x, y, rx, ry }) =>
    (u, v, _depth, out) => {
      const [a, b] = [(u - x) / rx, (v - y) / ry];
      const r2 = a * a + b * b;
      const ragged = fractalNoise(u * grain + tree.s, v * grain, seed, 2);
      if (r2 > 0.5 + 0.9 * ragged) {
        out[3] = -1;
        return;
      }
      const leafy = noise(u * grain * 2.6, v * grain * 2.6, seed + 9);
      if (density < 0.6) out[3] = clamp(density * (0.35 + 1.3 * leafy));
      else if (leafy > density + 0.12 && r2 > 0.2) {
        out[3] = -1;
        return;
      }
      const up = clamp((v - crown.bottom) / (height - crown.bottom));
      const turned = 0.34 + 0.42 * (a * sx + b * sy) - 0.32 * sz + 0.2 * up;
      const mottle = 1 + (0.35 + 0.45 * fine) * (leafy - 0.5) + 0.5 * (ragged - 0.5);
      const ambient = (0.62 + 0.5 * up + 0.12 * b) * mottle;
      const direct = Math.max(0.06, turned) * sun * mottle;
      for (let k = 0; k < 3; k++) out[k] = shade[k]! * ambient + lit[k]! * direct;
    };
}

function times3(a: Rgb, b: Rgb): Rgb {
  return [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
}

function shadeTree(stage: Stage, tree: Tree): void {
  const { s, z, height, crown, density, seed } = tree;
  const { toSun, sun } = stage.light;
  shadeFigure(stage, s, z, crown.bottom > 0 ? 0.4 : crown.width * 0.8, crown.bottom * 1.3, 0.7);
  const under = ellipse(s, z, crown.width * 0.5, crown.width * 0.5);
  shadeGround(
    stage,
    under.corners,
    { sun: 0.8, sky: 0.8, opacity: (u, v) => 0.6 * clamp(1.3 - Math.hypot(u, v)) },
    under.uv,
  );
  if (sun[0] < 0.05) return;
  const middle = Math.min((crown.bottom + height) / 2 / toSun[1], 16);
  const stretch = Math.min(2.2, 0.5 * Math.hypot(1, (0.8 * (height - crown.bottom)) / (crown.width * toSun[1])));
  const [ds, dz] = [-toSun[0] * middle, -toSun[2] * middle];
  const across = Math.abs(toSun[0]) > Math.abs(toSun[2]);
  const [rs, rz] = across ? [crown.width * stretch, crown.width * 0.5] : [crown.width * 0.5, crown.width * stretch];
  const spot = ellipse(s + ds, z + dz, rs, rz);
  const opacity = (u: number, v: number): number => {
    const leaf = fractalNoise((s + u * rs) * 2.2, (z + v * rz) * 2.2, seed, 2);
    return u * u + v * v > 0.6 + 0.5 * leaf ? 0 : clamp((density + 0.25 - leaf) * 3) * Math.min(0.94, density + 0.1);
  };
  shadeGround(stage, spot.corners, { sun: 0.08, sky: 0.95, opacity }, spot.uv);
}
