import type { Random } from "../../util/random.ts";
import type { Point } from "./camera.ts";
import type { Paint } from "./canvas.ts";
import { CAR } from "./classes.ts";
import type { Rgb } from "./colour.ts";
import { grey, mixed, plus, rgb, scaled, times, varied } from "./colour.ts";
import { pick, pickWeighted } from "./draws.ts";
import type { CarShape, CarSize } from "./car-shape.ts";
import { randomCarShape } from "./car-shape.ts";
import { shadeGround } from "./ground.ts";
import { lightOn } from "./light.ts";
import { clamp } from "./noise.ts";
import { flat } from "./stage.ts";
import type { Stage, Thing } from "./stage.ts";

interface Car {
  readonly s: number;
  readonly z: number;
  /** Sine and cosine of the heading: 0 drives away from the camera, π towards it. */
  readonly heading: readonly [sin: number, cos: number];
  readonly shape: CarShape;
  readonly colour: Rgb;
  readonly braking: boolean;
  readonly lamps: boolean;
  readonly plate: Rgb;
}

const colours: readonly (readonly [number, Rgb])[] = [
  [16, grey(205)],
  [18, grey(150)],
  [16, grey(90)],
  [16, grey(42)],
  [10, rgb(36, 56, 108)],
  [8, rgb(150, 28, 34)],
  [4, rgb(92, 130, 170)],
  [3, rgb(40, 84, 62)],
  [3, rgb(176, 160, 126)],
  [2, rgb(214, 164, 40)],
  [2, rgb(110, 60, 40)],
];

/** A car, van, bus or lorry at a place; `heading` in radians, 0 away from the camera. */
export function randomCar(random: Random, s: number, z: number, heading: number, size: CarSize = "car"): Thing {
  const shape = randomCarShape(random, size);
  const car: Car = {
    s,
    z,
    heading: [Math.sin(heading), Math.cos(heading)],
    shape,
    colour: varied(random, shape.livery ?? pickWeighted(random, colours), 0.22),
    braking: random.chance(0.35),
    lamps: random.chance(0.3),
    plate: pick(random, [grey(225), rgb(225, 195, 60)]),
  };
  return { z, draw: (stage) => drawCar(stage, car), shade: (stage) => shadeCar(stage, car) };
}

/** A point of the car: l along it (front positive), y up, a to its right. */
function place(car: Car, l: number, y: number, a: number): Point {
  const [sin, cos] = car.heading;
  return [car.s + l * sin + a * cos, y, car.z + l * cos - a * sin];
}

/** The street direction of a direction of the car. */
function turned(car: Car, l: number, y: number, a: number): Point {
  const [sin, cos] = car.heading;
  const length = Math.hypot(l, y, a) || 1;
  return [(l * sin + a * cos) / length, y / length, (l * cos - a * sin) / length];
}

/** Where things are painted on one car, with the light at its place. */
interface CarStage {
  readonly stage: Stage;
  readonly car: Car;
  readonly sun: number;
}

function drawCar(stage: Stage, car: Car): void {
  if (car.z < 1.5 || !(stage.sees(car.s, car.z) || car.z < 9)) return;
  const on: CarStage = { stage, car, sun: stage.sunAt(car.s, 1, car.z) };
  drawUnderside(on);
  drawBody(on);
  drawCabin(on);
  for (const side of [-1, 1]) drawWheels(on, side);
}

/** Whether the outside of a plane is seen from the camera. */
function seen({ stage, car }: CarStage, l: number, y: number, a: number, normal: Point): boolean {
  const [s, h, z] = place(car, l, y, a);
  const { offset, eye } = stage.camera.lens;
  return normal[0] * (offset - s) + normal[1] * (eye - h) - normal[2] * z > 0;
}

/** Lacquer: the body's colour in the light, with some of the sky in what faces up. */
function lacquer({ stage, car, sun }: CarStage, normal: Point, gloss = 1): Rgb {
  const matt = stage.lit(car.colour, normal, sun);
  const sky = stage.light.horizon;
  return plus(matt, sky, gloss * (0.05 + 0.16 * Math.max(0, normal[1]) ** 2));
}

function drawUnderside(on: CarStage): void {
  const { stage, car } = on;
  const { length, width } = car.shape;
  const [l, a] = [length / 2 - 0.25, width / 2 - 0.12];
  const dark = flat(scaled(stage.light.ambient, 0.012));
  const { wheel } = car.shape;
  const rubber = flat(stage.lit(grey(36), [0, 0, -1], on.sun));
  // The tyres as seen from the front or back, under the body.
  const tyre = (axle: number, side: number): void => {
    const end = axle + Math.sign(axle) * wheel * 0.6;
    const [from, to] = [side * (width / 2 - 0.24), side * (width / 2 - 0.03)];
    const points = [place(car, end, 0, from), place(car, end, 0, to), place(car, end, wheel, to), place(car, end, wheel, from)];
    stage.face(points, CAR, rubber);
  };
  const strip = (from: readonly [number, number], to: readonly [number, number]): void =>
    stage.face(
      [
        place(car, from[0], 0.13, from[1]),
        place(car, to[0], 0.13, to[1]),
        place(car, to[0], 0.45, to[1]),
        place(car, from[0], 0.45, from[1]),
      ],
      CAR,
      dark,
    );
  strip([-l, -a], [-l, a]);
  strip([l, -a], [l, a]);
  strip([-l, -a], [l, -a]);
  strip([-l, a], [l, a]);
  for (const axle of car.shape.axles) for (const side of [-1, 1]) tyre(axle, side);
}

/** The lower body: its outline from the side, pulled across. */
function drawBody(on: CarStage): void {
  const { stage, car } = on;
  const { profile, width } = car.shape;
  const a = width / 2;
  for (let i = 0; i + 1 < profile.length; i++) {
    const [l0, y0] = profile[i]!;
    const [l1, y1] = profile[i + 1]!;
    const normal = turned(car, -(y1 - y0), l1 - l0, 0);
    if (!seen(on, (l0 + l1) / 2, (y0 + y1) / 2, 0, normal)) continue;
    const points = [place(car, l0, y0, -a), place(car, l0, y0, a), place(car, l1, y1, a), place(car, l1, y1, -a)];
    const upright = Math.abs(y1 - y0) > 2 * Math.abs(l1 - l0);
    const colour = lacquer(on, normal);
    if (!upright) {
      stage.face(points, CAR, flat(colour));
      continue;
    }
    const uv: [number, number][] = [
      [-1, y0],
      [1, y0],
      [1, y1],
      [-1, y1],
    ];
    stage.face(points, CAR, endPaint(on, l0 + l1 > 0, colour), uv);
  }
  for (const side of [-1, 1]) {
    const normal = turned(car, 0, 0, side);
    if (!seen(on, 0, 0.6, side * a, normal)) continue;
    const points = profile.map(([l, y]) => place(car, l, y, side * a));
    stage.face(points, CAR, sidePaint(on, lacquer(on, normal)), profile);
  }
}

/** The front or back: bumper, plate, lamps and grille over u −1…1 across and v metres up. */
function endPaint({ stage, car, sun }: CarStage, front: boolean, colour: Rgb): Paint {
  const { lampHeight, width } = car.shape;
  const facing = lightOn(stage.light, turned(car, front ? 1 : -1, 0, 0));
  const light = plus(facing.base, facing.direct, sun);
  const dark = times(grey(38), light);
  const plate = times(front ? grey(225) : car.plate, light);
  const red: Rgb = car.braking ? [1.5, 0.12, 0.08] : times(rgb(150, 22, 26), light);
  const white: Rgb = car.lamps ? [1.9, 1.85, 1.7] : plus(times(grey(190), light), stage.light.horizon, 0.15);
  const half = 0.26 / (width / 2);
  return (u, v, _depth, out) => {
    const across = Math.abs(u);
    let shown = colour;
    if (v < 0.34) shown = dark;
    else if (across < half && v > 0.42 && v < 0.56) shown = plate;
    else if (Math.abs(v - lampHeight) < (front ? 0.1 : 0.15) && across > (front ? 0.58 : 0.7) && across < 0.97)
      shown = front ? white : red;
    else if (front && Math.abs(v - lampHeight) < 0.09 && across < 0.5) shown = dark;
    out.set(shown);
  };
}

/** A side in l along the car and v metres up: doors, sill and the dark of the wheel arches. */
function sidePaint({ stage, car }: CarStage, colour: Rgb): Paint {
  const { axles, wheel, cabin } = car.shape;
  const dark = scaled(stage.light.ambient, 0.02);
  const door = (cabin.bottom[0] + cabin.bottom[1]) / 2;
  return (l, v, depth, out) => {
    let level = 0.82 + 0.2 * clamp(v);
    const thin = clamp(14 / depth);
    if (Math.abs(l - door) < 0.02 || v < 0.3) level *= 1 - 0.4 * thin;
    const reach = wheel * 1.16;
    const arch = axles.some((at) => (l - at) ** 2 + (v - wheel) ** 2 < reach * reach);
    for (let k = 0; k < 3; k++) out[k] = arch ? dark[k]! : colour[k]! * level;
  };
}

/** The cabin with its windows: narrower at the roof than at the belt. */
function drawCabin(on: CarStage): void {
  const { car, stage } = on;
  const { cabin, width } = car.shape;
  const [b0, b1] = cabin.bottom;
  const [t0, t1] = cabin.top;
  const [low, high] = [cabin.belt, cabin.roof];
  const [a, c] = [(width / 2) * 0.97, (width / 2) * cabin.narrow];
  const roofNormal = turned(car, 0, 1, 0);
  for (const side of [-1, 1]) {
    const normal = turned(car, 0, ((a - c) / (high - low)) * 1, side);
    if (!seen(on, 0, high, side * c, normal)) continue;
    const points = [
      place(car, b0, low, side * a),
      place(car, b1, low, side * a),
      place(car, t1, high, side * c),
      place(car, t0, high, side * c),
    ];
    const slope = (x: number, y: number): [number, number] => [x, (y - low) / (high - low)];
    stage.face(points, CAR, glassPaint(on, normal, sideGlass(car.shape)), [
      slope(b0, low),
      slope(b1, low),
      slope(t1, high),
      slope(t0, high),
    ]);
  }
  for (const [bottom, top, sign] of [
    [b0, t0, -1],
    [b1, t1, 1],
  ] as const) {
    const normal = turned(car, sign * (high - low), sign * (bottom - top), 0);
    if (!seen(on, (bottom + top) / 2, (low + high) / 2, 0, normal)) continue;
    const points = [
      place(car, bottom, low, -a),
      place(car, bottom, low, a),
      place(car, top, high, c),
      place(car, top, high, -c),
    ];
    const glass = cabin.closedBack && sign < 0 ? noGlass : endGlass;
    stage.face(points, CAR, glassPaint(on, normal, glass), endUv);
  }
  if (!seen(on, 0, high, 0, roofNormal)) return;
  const roof = [place(car, t0, high, -c), place(car, t0, high, c), place(car, t1, high, c), place(car, t1, high, -c)];
  stage.face(roof, CAR, flat(lacquer(on, roofNormal)));
}

const endUv: readonly (readonly [number, number])[] = [
  [-1, 0],
  [1, 0],
  [1, 1],
  [-1, 1],
];

const noGlass = (): boolean => false;
const endGlass = (u: number, v: number): boolean => Math.abs(u) < 0.88 && v > 0.08 && v < 0.88;

/** Side windows between the pillars: u metres along the car, v 0–1 up the cabin. */
function sideGlass({ cabin }: CarShape): (u: number, v: number) => boolean {
  const { bottom, top, panes, glazed } = cabin;
  return (u, v) => {
    if (v < 0.08 || v > 0.86 || u < glazed) return false;
    const from = bottom[0] + (top[0] - bottom[0]) * v + 0.1;
    const to = bottom[1] + (top[1] - bottom[1]) * v - 0.1;
    if (u < from || u > to) return false;
    const t = ((u - bottom[0]) / (bottom[1] - bottom[0])) * panes;
    return Math.abs(t - Math.round(t)) > 0.05 || t < 0.5 || t > panes - 0.5;
  };
}

function glassPaint(on: CarStage, normal: Point, isGlass: (u: number, v: number) => boolean): Paint {
  const { stage } = on;
  const body = lacquer(on, normal, 0.6);
  const inside = scaled(stage.light.ambient, 0.035);
  const sky = mixed(stage.light.horizon, stage.light.zenith, 0.4);
  const mirror = 0.1 + 0.35 * Math.max(0, normal[1]);
  return (u, v, _depth, out) => {
    if (!isGlass(u, v)) return out.set(body);
    const share = mirror * (0.5 + v);
    for (let k = 0; k < 3; k++) out[k] = inside[k]! + share * sky[k]!;
  };
}

function drawWheels(on: CarStage, side: number): void {
  const { car, stage, sun } = on;
  const { axles, wheel, width } = car.shape;
  const a = side * (width / 2 + 0.015);
  const normal = turned(car, 0, 0, side);
  if (!seen(on, 0, wheel, a, normal)) return;
  const tyre = stage.lit(grey(34), normal, sun);
  const hub = stage.lit(grey(112), normal, sun);
  for (const axle of axles) {
    const round = (r: number): Point[] =>
      Array.from({ length: 12 }, (_, i) => {
        const angle = (Math.PI * i) / 6;
        return place(car, axle + r * Math.cos(angle), wheel + r * Math.sin(angle), a);
      });
    stage.face(round(wheel), CAR, flat(tyre));
    stage.face(round(wheel * 0.6), CAR, flat(hub));
  }
}

function shadeCar(stage: Stage, car: Car): void {
  const { length, width } = car.shape;
  const corner = (l: number, a: number): [number, number] => {
    const [s, , z] = place(car, l, 0, a);
    return [s, z];
  };
  const rectangle = (grow: number): [number, number][] => {
    const [l, a] = [length / 2 + grow, width / 2 + grow];
    return [corner(-l, -a), corner(-l, a), corner(l, a), corner(l, -a)];
  };
  shadeGround(stage, rectangle(0.3), { sun: 0.7, sky: 0.72 });
  shadeGround(stage, rectangle(0), { sun: 0.05, sky: 0.22 });
  const { toSun, sun } = stage.light;
  if (sun[0] < 0.05) return;
  const reach = Math.min((car.shape.cabin.roof * 0.85) / toSun[1], 7);
  const [ds, dz] = [-toSun[0] * reach, -toSun[2] * reach];
  const base = rectangle(-0.05);
  for (let i = 0; i < 4; i++) {
    const [p, q] = [base[i]!, base[(i + 1) % 4]!];
    shadeGround(stage, [p, q, [q[0] + ds, q[1] + dz], [p[0] + ds, p[1] + dz]], { sun: 0.05, sky: 1 });
  }
}
