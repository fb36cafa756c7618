import type { Paint } from "../render/canvas.ts";
import { BARE_GROUND, DARKENING } from "../render/canvas.ts";
import { ring } from "../render/board.ts";
import type { Point } from "../render/camera.ts";
import { lightOn } from "../render/light.ts";
import { clamp, noise } from "../render/noise.ts";
import type { Plan } from "../layout/plan.ts";
import type { Stage } from "../render/stage.ts";
import type { Surface } from "./surface.ts";

/** Ground shadows lie this far above the road so that they cover it, metres. */
const lift = 0.03;

/**
 * The first of two passes over the ground where nothing stands before it: its place and, instead of its colour, the
 * light on it — red the share of the sun, green the share of the sky — with its s in blue. Shadows are painted on
 * that; `finishGround` then lays the surfaces under it.
 */
export function layGround(stage: Stage, plan: Plan): void {
  const { canvas, camera } = stage;
  const { width, height, nearness, ids, colour } = canvas;
  const last = 1 / plan.end;
  const [stepAcross, stepDown] = camera.step;
  for (let row = 0; row < height; row++) {
    const [across, down] = camera.unroll(0.5, row + 0.5);
    for (let column = 0; column < width; column++) {
      const i = row * width + column;
      const near = camera.groundNearness(down + stepDown * column);
      if (near < last || near <= nearness[i]!) continue;
      const z = 1 / near;
      const s = camera.lateral(across + stepAcross * column, z);
      ids[i] = BARE_GROUND;
      nearness[i] = near;
      colour[3 * i] = stage.sunAt(s, 0, z);
      colour[3 * i + 1] = 1;
      colour[3 * i + 2] = s;
    }
  }
}

/** The second pass: the surfaces' colours and classes, in the light of the first. */
export function finishGround(stage: Stage, surface: Surface): void {
  const { canvas, camera, light } = stage;
  const { base, direct } = lightOn(light, [0, 1, 0]);
  const { focal, eye } = camera.lens;
  const { colour, ids, nearness } = canvas;
  const { horizon, wet } = light;
  const out = new Float64Array(4);
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== BARE_GROUND) continue;
    const z = 1 / nearness[i]!;
    const [sun, sky, s] = [colour[3 * i]!, colour[3 * i + 1]!, colour[3 * i + 2]!];
    ids[i] = surface(s, z, z / focal, (z * z) / (focal * eye), out);
    const mirror = wet === 0 ? 0 : 0.6 * wet * clamp(1.6 * noise(s * 0.7, z * 0.25, 77) - 0.35) * clamp(0.12 + z / 60);
    for (let k = 0; k < 3; k++) {
      const matt = out[k]! * (1 - 0.45 * wet) * (base[k]! * sky + direct[k]! * sun);
      colour[3 * i + k] = matt + mirror * (horizon[k]! - matt);
    }
  }
}

/** Takes light from the ground under a polygon: `sun` and `sky` are the shares that remain at its densest. */
export function shadeGround(
  stage: Stage,
  corners: readonly (readonly [s: number, z: number])[],
  shadow: { readonly sun: number; readonly sky: number; readonly opacity?: (u: number, v: number) => number },
  uv?: readonly (readonly [number, number])[],
): void {
  const points = corners.map(([s, z]): Point => [s, lift, z]);
  const { sun, sky, opacity } = shadow;
  const paint: Paint = (u, v, _depth, out) => {
    const share = opacity === undefined ? 1 : opacity(u, v);
    out[0] = 1 + (sun - 1) * share;
    out[1] = 1 + (sky - 1) * share;
    out[2] = 1;
  };
  stage.face(points, DARKENING, paint, uv);
}

/** The shadow of an upright figure of the given width and height, thrown along the ground, and the dark at its foot. */
export function shadeFigure(stage: Stage, s: number, z: number, width: number, height: number, soft = 0.55): void {
  const { toSun } = stage.light;
  const w = width / 2;
  const foot = ellipse(s, z, w * 1.3, Math.max(w, 0.25));
  shadeGround(stage, foot.corners, { sun: 0.5, sky: soft, opacity: fading }, foot.uv);
  const flatness = Math.hypot(toSun[0], toSun[2]);
  if (stage.light.sun[0] < 0.05 || flatness < 0.05) return;
  const length = Math.min(height / toSun[1], 12);
  const [ds, dz] = [-toSun[0] * length, -toSun[2] * length];
  const [ns, nz] = [(-toSun[2] / flatness) * w, (toSun[0] / flatness) * w];
  shadeGround(
    stage,
    [
      [s + ns, z + nz],
      [s + ds + ns * 0.7, z + dz + nz * 0.7],
      [s + ds - ns * 0.7, z + dz - nz * 0.7],
      [s - ns, z - nz],
    ],
    { sun: 0.06, sky: 1, opacity: () => 0.9 },
  );
}

/** An ellipse on the ground with surface coordinates that reach 1 at its edge. */
export function ellipse(s: number, z: number, rs: number, rz: number) {
  return { corners: ring(s, z, rs, rz, 12), uv: ring(0, 0, 1, 1, 12) };
}

/** Opacity that falls from 1 in the middle of an ellipse to 0 at its edge. */
export function fading(u: number, v: number): number {
  return clamp(1.6 * (1 - Math.hypot(u, v)));
}
