import type { Camera, Point } from "./camera.ts";
import type { Canvas, Corner, Paint } from "./canvas.ts";
import type { Rgb } from "./colour.ts";
import { plus, times } from "./colour.ts";
import type { Light, Skyline } from "./light.ts";
import { lightOn } from "./light.ts";

/** Nothing nearer than this is drawn, metres. */
const nearest = 0.7;

/** Something that stands in the street. */
export interface Thing {
  /** Depth in metres, by which things are painted: solid ones from near to far, then the others from far to near. */
  readonly z: number;
  /** Lets what is behind it shine through somewhere. */
  readonly seeThrough?: boolean;
  draw(stage: Stage): void;
  /** Darkens the ground. */
  shade?(stage: Stage): void;
}

/** Where things are painted: the canvas, the camera, and the light with what stands in its way. */
export class Stage {
  readonly canvas: Canvas;
  readonly camera: Camera;
  readonly light: Light;
  readonly #skylines: readonly Skyline[];

  constructor(canvas: Canvas, camera: Camera, light: Light, skylines: readonly Skyline[]) {
    this.canvas = canvas;
    this.camera = camera;
    this.light = light;
    this.#skylines = skylines;
  }

  /** How much of the sun a point sees past the houses, 0–1. */
  sunAt(s: number, y: number, z: number): number {
    if (this.light.sun[0] === 0) return 1;
    let visible = 1;
    for (const skyline of this.#skylines) visible *= skyline.clears(this.light, s, y, z);
    return visible;
  }

  /** The colour of a matt surface of the given albedo and normal, at a place in the street. */
  lit(albedo: Rgb, normal: Point, sunVisible: number): Rgb {
    const { base, direct } = lightOn(this.light, normal);
    return times(albedo, plus(base, direct, sunVisible));
  }

  /** Whether a point is ahead of the camera and not far out of the picture. */
  sees(s: number, z: number): boolean {
    if (z < nearest) return false;
    const { lens } = this.camera;
    const [x] = this.camera.project(s, 0, z);
    return x > -lens.width * 0.5 && x < lens.width * 1.5;
  }

  /**
   * Paints a plane polygon of the street. `uv` gives the surface coordinates of each point, which `paint` receives in
   * between; left out, they are 0.
   */
  face(points: readonly Point[], id: number, paint: Paint, uv?: readonly (readonly [number, number])[]): void {
    const corners: Corner[] = [];
    let previous = points.length - 1;
    for (let i = 0; i < points.length; i++) {
      const p = points[previous]!;
      const q = points[i]!;
      const u = uv === undefined ? 0 : uv[i]![0];
      const v = uv === undefined ? 0 : uv[i]![1];
      if (p[2] < nearest !== q[2] < nearest) {
        const t = (nearest - q[2]) / (p[2] - q[2]);
        const [pu, pv] = uv?.[previous] ?? [0, 0];
        const s = q[0] + t * (p[0] - q[0]);
        corners.push(this.#corner(s, q[1] + t * (p[1] - q[1]), nearest, u + t * (pu - u), v + t * (pv - v)));
      }
      if (q[2] >= nearest) corners.push(this.#corner(q[0], q[1], q[2], u, v));
      previous = i;
    }
    if (corners.length >= 3) this.canvas.polygon(corners, id, paint);
  }

  #corner(s: number, y: number, z: number, u: number, v: number): Corner {
    const [x, down] = this.camera.project(s, y, z);
    return { x, y: down, w: 1 / z, uw: u / z, vw: v / z };
  }
}

/** Paints one colour. */
export function flat(colour: Rgb, opacity = 1): Paint {
  const [red, green, blue] = colour;
  return (_u, _v, _depth, out) => {
    out[0] = red;
    out[1] = green;
    out[2] = blue;
    out[3] = opacity;
  };
}
