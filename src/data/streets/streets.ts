import type { Random } from "../../util/random.ts";
import { ConfigError } from "../../util/errors.ts";
import { Camera, randomLens } from "./render/camera.ts";
import { Canvas } from "./render/canvas.ts";
import { drawBonnet } from "./things/clutter.ts";
import { addHaze, develop, oversampling, resolveMask } from "./render/develop.ts";
import { placeFurniture } from "./layout/furniture.ts";
import { growGreenery } from "./layout/greenery.ts";
import { finishGround, layGround } from "./ground/ground.ts";
import { randomLight } from "./render/light.ts";
import { randomPlan } from "./layout/plan.ts";
import { buildRows } from "./layout/rows.ts";
import { paintSky } from "./ground/sky.ts";
import { Spots } from "./layout/spots.ts";
import { Stage } from "./render/stage.ts";
import { randomSurface } from "./ground/surface.ts";
import { placeTraffic } from "./layout/traffic.ts";

export { streetsClasses } from "./classes.ts";

/** Counts the changes to what is drawn: the same version and seed give the same pictures. */
export const streetsVersion = 1;

/** A picture of a street with the class of every pixel. */
export interface Street {
  readonly height: number;
  readonly width: number;
  /** height × width × 3, red, green, blue, 0–255. */
  readonly image: Uint8Array;
  /** height × width indices into `streetsClasses`. */
  readonly mask: Uint8Array;
}

/** Sizes at which a street still has streets, houses and people in it. */
const smallest = 16;
const largest = 4096;

/**
 * Draws a street: everything in it, the light and the camera come from `random`, which is left as it was, so that equal
 * generators give equal pictures.
 * @param size pixels, each side 16–4096
 * @throws ConfigError when the size is not that
 * @example const { image, mask } = drawStreet(new Random(1).split("street", 0), { height: 96, width: 128 });
 */
export function drawStreet(random: Random, size: { readonly height: number; readonly width: number }): Street {
  checkSize(size);
  const { height, width } = size;
  const canvas = new Canvas(height * oversampling, width * oversampling);
  const plan = randomPlan(random.split("plan"));
  const light = randomLight(random.split("light"));
  const camera = new Camera(randomLens(random.split("camera"), canvas.height, canvas.width, plan.offset));
  const rows = buildRows(random.split("rows"), plan);
  const spots = new Spots();
  const things = [
    ...rows.things,
    ...placeTraffic(random.split("traffic"), plan, spots),
    ...placeFurniture(random.split("furniture"), plan, spots),
    ...growGreenery(random.split("greenery"), plan, spots),
  ].sort((a, b) => a.z - b.z);
  const stage = new Stage(canvas, camera, light, rows.skylines);
  for (const thing of things) if (thing.seeThrough !== true) thing.draw(stage);
  layGround(stage, plan);
  for (const thing of things) thing.shade?.(stage);
  finishGround(stage, randomSurface(random.split("surface"), plan));
  paintSky(stage, plan, random.split("sky"));
  for (const thing of things.toReversed()) if (thing.seeThrough === true) thing.draw(stage);
  addHaze(canvas, light);
  const own = random.split("bonnet");
  if (own.chance(0.3)) drawBonnet(own, stage);
  return { height, width, image: develop(canvas, random.split("film")), mask: resolveMask(canvas) };
}

function checkSize({ height, width }: { readonly height: number; readonly width: number }): void {
  const fits = (n: number): boolean => Number.isInteger(n) && n >= smallest && n <= largest;
  if (fits(height) && fits(width)) return;
  throw new ConfigError(
    `drawStreet: expected a height and a width of ${smallest} to ${largest} pixels, but received ${height}×${width}`,
    { hint: "96×128 trains quickly; 360×480 is the size of CamVid as fastai uses it." },
  );
}
