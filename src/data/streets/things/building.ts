import type { Random } from "../../../util/random.ts";
import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import type { Place } from "../render/board.ts";
import { BUILDING, SIGN } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, scaled, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import type { Facade, FacadeKind, Matter } from "./facade.ts";
import { facadeAt, randomFacade, wallAt } from "./facade.ts";
import { lightOn } from "../render/light.ts";
import { clamp, hash, noise } from "../render/noise.ts";
import { boardPaint, randomBoard } from "./lettering.ts";
import type { Lettering } from "./lettering.ts";
import type { Stage, Thing } from "../render/stage.ts";

type RoofKind = "flat" | "along" | "across" | "hip";

/** A house on a rectangle of ground. Its front runs from `a` to `b`; it reaches `deep` metres back, along `back`. */
export interface Building {
  readonly a: Place;
  readonly b: Place;
  readonly back: Place;
  readonly deep: number;
  readonly height: number;
  readonly facade: Facade;
  readonly roof: RoofKind;
  readonly rise: number;
  readonly roofColour: Rgb;
  readonly chimneys: readonly number[];
  readonly fascia: Lettering | undefined;
}

/** A house of a kind, for a front from `a` to `b`. */
export function randomBuilding(random: Random, kind: FacadeKind, a: Place, b: Place, back: Place): Building {
  const facade = randomFacade(random, kind);
  const storeys =
    kind === "house" ? 1 + random.integer(2) : kind === "terrace" ? 2 + random.integer(3) : 3 + random.integer(6);
  const roof: RoofKind = kind === "block" ? "flat" : pickWeighted(random, kind === "house" ? houseRoofs : terraceRoofs);
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const tiles = pick(random, [rgb(120, 66, 50), rgb(92, 84, 80), rgb(72, 74, 80), rgb(140, 92, 70), rgb(100, 96, 84)]);
  const pitched = roof !== "flat";
  return {
    a,
    b,
    back,
    deep: kind === "house" ? random.between(7, 11) : random.between(9, 15),
    height: storeys * facade.storey + (pitched ? random.between(0.1, 0.4) : random.between(0.5, 1.1)),
    facade,
    roof,
    rise: pitched ? Math.min(roof === "across" ? length : 9, 9) * random.between(0.32, 0.55) : 0,
    roofColour: varied(random, tiles, 0.2),
    chimneys: pitched && random.chance(0.6) ? [random.between(0.08, 0.3), random.between(0.7, 0.92)] : [],
    fascia: facade.groundFloor === "shop" && random.chance(0.8) ? randomBoard(random) : undefined,
  };
}

const terraceRoofs: readonly (readonly [number, RoofKind])[] = [
  [45, "along"],
  [40, "flat"],
  [15, "across"],
];

const houseRoofs: readonly (readonly [number, RoofKind])[] = [
  [40, "across"],
  [30, "along"],
  [30, "hip"],
];

export function buildingThing(building: Building): Thing {
  return { z: Math.min(building.a[1], building.b[1]), draw: (stage) => drawBuilding(stage, building) };
}

function drawBuilding(stage: Stage, building: Building): void {
  const { a, b, back, deep, height } = building;
  const [c, d] = [moved(b, back, deep), moved(a, back, deep)];
  if (Math.max(a[1], b[1], c[1], d[1]) < 0.7) return;
  drawWall(stage, building, a, b, height, true);
  drawWall(stage, building, a, d, height, false);
  drawWall(stage, building, b, c, height, false);
  drawRoof(stage, building, [a, b, c, d]);
  if (building.fascia !== undefined) drawFascia(stage, building, building.fascia);
}

function moved(place: Place, direction: Place, distance: number): Place {
  return [place[0] + direction[0] * distance, place[1] + direction[1] * distance];
}

/** The unit normal of the vertical plane through two places, on the camera's side, and the camera's distance from it. */
function facing(stage: Stage, a: Place, b: Place): { normal: Point; distance: number } {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const [nx, nz] = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
  const distance = nx * (stage.camera.lens.offset - a[0]) - nz * a[1];
  return distance < 0 ? { normal: [-nx, 0, -nz], distance: -distance } : { normal: [nx, 0, nz], distance };
}

function drawWall(stage: Stage, building: Building, a: Place, b: Place, height: number, front: boolean): void {
  const { facade } = building;
  const paint = wallPaint(stage, facade, a, b, front || facade.seed % 3 === 0);
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const gable = !front && building.roof === "along" ? building.rise : 0;
  const frontGable = front && building.roof === "across" ? building.rise : 0;
  const points: Point[] = [
    [a[0], -0.3, a[1]],
    [b[0], -0.3, b[1]],
    [b[0], height, b[1]],
  ];
  const uv: [number, number][] = [
    [0, -0.3],
    [length, -0.3],
    [length, height],
  ];
  if (gable + frontGable > 0) {
    points.push([(a[0] + b[0]) / 2, height + gable + frontGable, (a[1] + b[1]) / 2]);
    uv.push([length / 2, height + gable + frontGable]);
  }
  points.push([a[0], height, a[1]]);
  uv.push([0, height]);
  stage.face(points, BUILDING, paint, uv);
}

function wallPaint(stage: Stage, facade: Facade, a: Place, b: Place, openings: boolean): Paint {
  const { light } = stage;
  const { normal, distance } = facing(stage, a, b);
  const { base, direct } = lightOn(light, normal);
  const sunny = direct[0] + direct[1] + direct[2] > 0.02;
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const [ds, dz] = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
  const focal = stage.camera.lens.focal * Math.max(0.3, distance);
  const matter: Matter = { albedo: new Float64Array(3), mirror: 0 };
  const glare = light.horizon;
  return (u, v, depth, out) => {
    const f = (depth * depth) / focal;
    if (openings) facadeAt(facade, u, v, f, matter);
    else wallAt(facade, u, v, f, matter);
    const sun = sunny ? stage.sunAt(a[0] + u * ds, v, a[1] + u * dz) : 0;
    // The foot of a wall sees less of the sky.
    const open = 0.72 + 0.28 * clamp(v / 5);
    for (let k = 0; k < 3; k++) {
      const matt = matter.albedo[k]! * (base[k]! * open + direct[k]! * sun);
      out[k] = matt + matter.mirror * (glare[k]! * 0.75 - matt);
    }
  };
}

function drawRoof(stage: Stage, building: Building, corners: readonly [Place, Place, Place, Place]): void {
  const { height, rise, roof } = building;
  const [a, b, c, d] = corners;
  const at = (p: Place, y: number): Point => [p[0], y, p[1]];
  const middle = (p: Place, q: Place, t = 0.5): Place => [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])];
  if (roof === "flat") return drawCornice(stage, building);
  const top = height + rise;
  if (roof === "across") {
    const [e, f] = [middle(a, b), middle(d, c)];
    tiled(stage, building, [at(a, height), at(e, top), at(f, top), at(d, height)]);
    tiled(stage, building, [at(b, height), at(e, top), at(f, top), at(c, height)]);
  } else {
    const inset = roof === "hip" ? 0.3 : 0;
    const [p, q] = [middle(a, d), middle(b, c)];
    const [e, f] = [middle(p, q, inset), middle(q, p, inset)];
    tiled(stage, building, [at(a, height), at(b, height), at(f, top), at(e, top)]);
    if (inset > 0) {
      tiled(stage, building, [at(a, height), at(d, height), at(e, top)]);
      tiled(stage, building, [at(b, height), at(c, height), at(f, top)]);
    }
  }
  for (const t of building.chimneys) drawChimney(stage, building, middle(middle(a, b, t), middle(d, c, t), 0.45), top);
}

function tiled(stage: Stage, building: Building, points: readonly Point[]): void {
  const { roofColour, facade } = building;
  const normal = upNormal(points);
  const colour = stage.lit(roofColour, normal, 1);
  const uv = points.map((p): [number, number] => [p[0] + p[2], p[1]]);
  const paint: Paint = (u, v, depth, out) => {
    const row = v / 0.28 - Math.floor(v / 0.28);
    const level = (0.88 + 0.24 * noise(u * 1.5, v * 3, facade.seed)) * (row < 0.25 ? 1 - 0.2 * clamp(12 / depth) : 1);
    for (let k = 0; k < 3; k++) out[k] = colour[k]! * level;
  };
  stage.face(points, BUILDING, paint, uv);
}

function upNormal(points: readonly Point[]): Point {
  const [p, q, r] = [points[0]!, points[1]!, points[2]!];
  const [ax, ay, az] = [q[0] - p[0], q[1] - p[1], q[2] - p[2]];
  const [bx, by, bz] = [r[0] - p[0], r[1] - p[1], r[2] - p[2]];
  const n = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
  const length = Math.hypot(n[0]!, n[1]!, n[2]!) * (n[1]! < 0 ? -1 : 1) || 1;
  return [n[0]! / length, n[1]! / length, n[2]! / length];
}

/** The parapet of a flat roof: a band along the front that stands out a little. */
function drawCornice(stage: Stage, building: Building): void {
  const { a, b, back, height, facade } = building;
  const { normal } = facing(stage, a, b);
  const colour = stage.lit(facade.trim, normal, stage.sunAt(a[0], height, (a[1] + b[1]) / 2));
  const [p, q] = [moved(a, back, -0.25), moved(b, back, -0.25)];
  const points: Point[] = [
    [p[0], height - 0.35, p[1]],
    [q[0], height - 0.35, q[1]],
    [q[0], height + 0.15, q[1]],
    [p[0], height + 0.15, p[1]],
  ];
  stage.face(points, BUILDING, (_u, _v, _depth, out) => out.set(colour));
}

function drawChimney(stage: Stage, building: Building, place: Place, top: number): void {
  const brick = scaled(building.facade.material === "brick" ? building.facade.wall : rgb(130, 86, 70), 0.9);
  const colour = stage.lit(brick, [0, 0, -1], 1);
  const side = stage.lit(brick, [place[0] > 0 ? -1 : 1, 0, 0], 1);
  const [s, z] = place;
  const [low, high] = [top - 1.4, top + 1];
  const inner = s > 0 ? s - 0.5 : s + 0.5;
  const box = (p: Place, q: Place, rgbs: Rgb): void =>
    stage.face(
      [
        [p[0], low, p[1]],
        [q[0], low, q[1]],
        [q[0], high, q[1]],
        [p[0], high, p[1]],
      ],
      BUILDING,
      (_u, _v, _depth, out) => out.set(rgbs),
    );
  box([inner, z - 0.4], [inner, z + 0.4], side);
  box([s - 0.5, z - 0.4], [s + 0.5, z - 0.4], colour);
}

/** The name board above a shop window. */
function drawFascia(stage: Stage, building: Building, lettering: Lettering): void {
  const { a, b, back, facade } = building;
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const margin = Math.min(length * 0.3, 0.4 + hash(1, 2, facade.seed) * length * 0.25);
  const along: Place = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
  const [p, q] = [moved(moved(a, along, margin), back, -0.08), moved(moved(b, along, -margin), back, -0.08)];
  const [low, high] = [facade.storey - 0.68, facade.storey - 0.08];
  const { normal } = facing(stage, a, b);
  const sun = stage.sunAt(a[0], low, (a[1] + b[1]) / 2);
  const paint = boardPaint(lettering, stage.lit(grey(255), normal, sun), length - 2 * margin, high - low);
  const corners: Point[] = [
    [p[0], low, p[1]],
    [q[0], low, q[1]],
    [q[0], high, q[1]],
    [p[0], high, p[1]],
  ];
  const uv: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  stage.face(corners, SIGN, paint, uv);
}
