import type { Random } from "../../../util/random.ts";
import { drawBody, drawUnderside, drawWheels } from "./car-body.ts";
import { drawCabin } from "./car-cabin.ts";
import type { Car, CarStage } from "./car-frame.ts";
import { place } from "./car-frame.ts";
import type { CarSize } from "./car-shape.ts";
import { randomCarShape } from "./car-shape.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { shadeGround } from "../ground/ground.ts";
import type { Stage, Thing } from "../render/stage.ts";

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

function drawCar(stage: Stage, car: Car): void {
  if (car.z < 1.5 || !(stage.sees(car.s, car.z) || car.z < 9)) return;
  const on: CarStage = { stage, car, sun: stage.sunAt(car.s, 1, car.z) };
  drawUnderside(on);
  drawBody(on);
  drawCabin(on);
  for (const side of [-1, 1]) drawWheels(on, side);
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
