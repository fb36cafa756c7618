import type { Point } from "../render/camera.ts";
import type { CarShape } from "./car-shape.ts";
import type { Rgb } from "../render/colour.ts";
import { plus } from "../render/colour.ts";
import type { Stage } from "../render/stage.ts";

/** A vehicle at its place in the street. */
export interface Car {
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

/** A point of the car: l along it (front positive), y up, a to its right. */
export function place(car: Car, l: number, y: number, a: number): Point {
  const [sin, cos] = car.heading;
  return [car.s + l * sin + a * cos, y, car.z + l * cos - a * sin];
}

/** The street direction of a direction of the car. */
export function turned(car: Car, l: number, y: number, a: number): Point {
  const [sin, cos] = car.heading;
  const length = Math.hypot(l, y, a) || 1;
  return [(l * sin + a * cos) / length, y / length, (l * cos - a * sin) / length];
}

/** Where things are painted on one car, with the light at its place. */
export interface CarStage {
  readonly stage: Stage;
  readonly car: Car;
  readonly sun: number;
}

/** Whether the outside of a plane is seen from the camera. */
export function seen({ stage, car }: CarStage, l: number, y: number, a: number, normal: Point): boolean {
  const [s, h, z] = place(car, l, y, a);
  const { offset, eye } = stage.camera.lens;
  return normal[0] * (offset - s) + normal[1] * (eye - h) - normal[2] * z > 0;
}

/** Lacquer: the body's colour in the light, with some of the sky in what faces up. */
export function lacquer({ stage, car, sun }: CarStage, normal: Point, gloss = 1): Rgb {
  const matt = stage.lit(car.colour, normal, sun);
  const sky = stage.light.horizon;
  return plus(matt, sky, gloss * (0.05 + 0.16 * Math.max(0, normal[1]) ** 2));
}
