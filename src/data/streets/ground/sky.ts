import type { Random } from "../../../util/random.ts";
import { EMPTY } from "../render/canvas.ts";
import { BUILDING, SKY, TREE, VOID } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { fractalNoise, hash, lerp, noise, smoothstep } from "../render/noise.ts";
import type { Plan } from "../layout/plan.ts";
import type { Stage } from "../render/stage.ts";

/** A stretch of what closes the view at the end of the street. */
interface Far {
  readonly id: number;
  /** Tangent of the elevation of its top. */
  readonly height: number;
  readonly colour: Rgb;
}

const step = 0.012;
const span = 3;

/** Paints what is still empty: the sky and, below it, the far houses and trees behind the end of the street. */
export function paintSky(stage: Stage, plan: Plan, random: Random): void {
  const { canvas, camera } = stage;
  const { focal, eye, grade } = camera.lens;
  const seed = random.integer(1 << 20);
  const colourOf = skyColour(stage, seed);
  const far = farRow(random, plan, stage);
  const floor = (grade * plan.end * plan.end - eye) / plan.end;
  const out: [number, number, number] = [0, 0, 0];
  const [stepAcross, stepDown] = camera.step;
  for (let row = 0; row < canvas.height; row++) {
    const [firstAcross, firstDown] = camera.unroll(0.5, row + 0.5);
    for (let column = 0; column < canvas.width; column++) {
      const i = row * canvas.width + column;
      if (canvas.ids[i] !== EMPTY) continue;
      const x = (firstAcross + stepAcross * column) / focal;
      const y = -(firstDown + stepDown * column) / focal;
      const behind = far[Math.floor((x + span) / step)];
      if (behind === undefined || y > topOf(behind, x, seed) + floor) {
        colourOf(x, Math.max(y, -0.02), out);
        canvas.ids[i] = SKY;
        canvas.nearness[i] = 0;
      } else {
        paintFar(behind, x, y, seed, out);
        canvas.ids[i] = behind.id;
        canvas.nearness[i] = 1 / (plan.end + 12);
      }
      for (let k = 0; k < 3; k++) canvas.colour[3 * i + k] = out[k]!;
    }
  }
}

function topOf(far: Far, x: number, seed: number): number {
  if (far.id === BUILDING) return far.height;
  return far.height * (0.62 + 0.5 * fractalNoise(x * 22, far.height * 50, seed, 3));
}

function paintFar(far: Far, x: number, y: number, seed: number, out: [number, number, number]): void {
  let level = 1;
  if (far.id === BUILDING) {
    const window = hash(Math.floor(x * 190), Math.floor(y * 150), seed) < 0.45;
    level = window ? 0.72 : 1;
  } else {
    level = 0.7 + 0.6 * noise(x * 130, y * 130, seed);
  }
  out[0] = far.colour[0] * level;
  out[1] = far.colour[1] * level;
  out[2] = far.colour[2] * level;
}

/** The row of far things, one entry per `step` of the tangent of the viewing angle. */
function farRow(random: Random, plan: Plan, stage: Stage): Far[] {
  const row: Far[] = [];
  const open = plan.sides.some((side) => side.kind === "park" || side.kind === "houses");
  const hills = open && random.chance(0.3) ? random.between(0.02, 0.07) : 0;
  while (row.length * step < 2 * span) {
    const id = pickWeighted(random, [
      [open ? 3 : 6, BUILDING],
      [open ? 6 : 3, TREE],
      [1.2, VOID],
    ]);
    const metres = id === BUILDING ? random.between(5, open ? 11 : 20) : random.between(3, 11);
    const height = Math.max(hills, metres / (plan.end + 12));
    const albedo = id === BUILDING ? farWall(random) : id === TREE ? farTree(random) : grey(random.between(50, 120));
    const colour = stage.lit(albedo, [0, 0, -1], 0.6);
    const length = 1 + Math.floor(random.between(5, 16) / (plan.end + 12) / step);
    for (let i = 0; i < length; i++) row.push({ id, height, colour });
  }
  return row;
}

function farWall(random: Random): Rgb {
  return varied(
    random,
    pick(random, [grey(150), rgb(170, 140, 120), rgb(150, 95, 80), grey(110), rgb(200, 190, 170)]),
    0.2,
  );
}

function farTree(random: Random): Rgb {
  return varied(random, pick(random, [rgb(70, 92, 50), rgb(95, 105, 60), rgb(110, 95, 75), rgb(60, 78, 55)]), 0.2);
}

/** The colour of the sky at tangents x (right) and y (up) of the viewing direction. */
function skyColour(stage: Stage, seed: number): (x: number, y: number, out: [number, number, number]) => void {
  const { light } = stage;
  const { zenith, horizon, clouds, toSun } = light;
  const { cloudLit: lit, cloudDark: dark } = light;
  const glows = toSun[2] > 0 && light.sun[0] > 0.2;
  const [sunX, sunY] = [toSun[0] / Math.max(0.05, toSun[2]), toSun[1] / Math.max(0.05, toSun[2])];
  const cover = lerp(0.72, 0.3, clouds);
  return (x, y, out) => {
    const t = 1 - Math.exp(-3.2 * Math.max(0, y));
    let cloud = 0;
    let thick = 0;
    if (clouds > 0) {
      const reach = 1 / (y + 0.16);
      const density = fractalNoise(x * reach * 1.4 + 40, reach * 2.6, seed, 4);
      cloud = smoothstep(cover - 0.12, cover + 0.14, density) * Math.min(1, 0.25 + y * 4);
      thick = smoothstep(cover, cover + 0.3, density);
    }
    const glow = glows ? Math.exp(-2.2 * Math.hypot(x - sunX, y - sunY)) * light.sun[0] : 0;
    for (let k = 0; k < 3; k++) {
      const clear = lerp(horizon[k]!, zenith[k]!, t);
      out[k] = lerp(clear, lerp(lit[k]!, dark[k]!, thick), cloud) + 0.7 * glow * light.sun[k]!;
    }
  };
}
