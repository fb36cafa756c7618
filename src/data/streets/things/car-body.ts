import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import type { CarStage } from "./car-frame.ts";
import { lacquer, place, seen, turned } from "./car-frame.ts";
import { CAR } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, plus, rgb, scaled, times } from "../render/colour.ts";
import { lightOn } from "../render/light.ts";
import { clamp } from "../render/noise.ts";
import { flat } from "../render/stage.ts";

/** What is seen under the body: the dark, and the tyres from the front or back. */
export function drawUnderside(on: CarStage): void {
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
    const points = [
      place(car, end, 0, from),
      place(car, end, 0, to),
      place(car, end, wheel, to),
      place(car, end, wheel, from),
    ];
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
export function drawBody(on: CarStage): void {
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

/** The wheels of a side, −1 left and 1 right. */
export function drawWheels(on: CarStage, side: number): void {
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
