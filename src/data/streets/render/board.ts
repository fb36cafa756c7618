import type { Point } from "./camera.ts";
import type { Paint } from "./canvas.ts";
import type { Rgb } from "./colour.ts";
import type { Stage } from "./stage.ts";

export type Place = readonly [s: number, z: number];
type Flat = readonly [x: number, y: number];

/**
 * An upright plane on which flat figures are drawn in metres: x along the plane, y up. It faces the camera unless
 * turned.
 */
export class Board {
  readonly stage: Stage;
  readonly #place: Place;
  readonly #along: Place;
  readonly #light: Rgb;
  readonly #shading: number;

  /**
   * @param light what falls on the board
   * @param along unit vector of x in the street (right, ahead)
   */
  constructor(stage: Stage, place: Place, light: Rgb, along: Place = [1, 0]) {
    this.stage = stage;
    this.#place = place;
    this.#along = along;
    this.#light = light;
    const { sun, toSun } = stage.light;
    this.#shading = 0.3 * Math.min(1, sun[0] * 1.5) * (toSun[0] * along[0] + toSun[2] * along[1]);
  }

  point(x: number, y: number): Point {
    return [this.#place[0] + x * this.#along[0], y, this.#place[1] + x * this.#along[1]];
  }

  /** A polygon in one colour. */
  shape(corners: readonly Flat[], id: number, albedo: Rgb): void {
    this.painted(corners, id, this.#round(albedo, 0));
  }

  painted(corners: readonly Flat[], id: number, paint: Paint, uv?: readonly Flat[]): void {
    this.stage.face(
      corners.map(([x, y]) => this.point(x, y)),
      id,
      paint,
      uv,
    );
  }

  /** A limb from `a` to `b`, as thick as given at its ends, shaded as if it were round. */
  limb(a: Flat, b: Flat, thick: readonly [number, number], id: number, albedo: Rgb): void {
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const length = Math.hypot(dx, dy) || 1;
    const nx = (-dy / length) * 0.5;
    const ny = (dx / length) * 0.5;
    const corners: Flat[] = [
      [a[0] + nx * thick[0], a[1] + ny * thick[0]],
      [b[0] + nx * thick[1], b[1] + ny * thick[1]],
      [b[0] - nx * thick[1], b[1] - ny * thick[1]],
      [a[0] - nx * thick[0], a[1] - ny * thick[0]],
    ];
    const side = nx < 0 ? -1 : 1;
    const uv: Flat[] = [
      [side, 0],
      [side, 1],
      [-side, 1],
      [-side, 0],
    ];
    this.painted(corners, id, this.#round(albedo, Math.abs(dy) / length), uv);
  }

  disc(x: number, y: number, rx: number, ry: number, id: number, albedo: Rgb): void {
    this.painted(ring(x, y, rx, ry, 12), id, this.#round(albedo, 1), circles[12]);
  }

  #round(albedo: Rgb, curved: number): Paint {
    const [red, green, blue] = albedo;
    const [lr, lg, lb] = this.#light;
    const slope = this.#shading * curved;
    return (u, _v, _depth, out) => {
      const level = 1 + slope * u;
      out[0] = red * lr * level;
      out[1] = green * lg * level;
      out[2] = blue * lb * level;
    };
  }
}

/** Points on an ellipse. */
export function ring(x: number, y: number, rx: number, ry: number, points: 8 | 12 | 14): Flat[] {
  return circles[points].map(([cos, sin]): Flat => [x + rx * cos, y + ry * sin]);
}

const circles = { 8: circle(8), 12: circle(12), 14: circle(14) } as const;

function circle(points: number): Flat[] {
  return Array.from({ length: points }, (_, i): Flat => {
    const angle = (2 * Math.PI * (i + 0.5)) / points;
    return [Math.cos(angle), Math.sin(angle)];
  });
}
