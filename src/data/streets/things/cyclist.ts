import type { Random } from "../../../util/random.ts";
import { Board, ring } from "../render/board.ts";
import { CYCLIST } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, scaled, varied } from "../render/colour.ts";
import { pick } from "../render/draws.ts";
import { shadeFigure } from "../ground/ground.ts";
import { lightOnUpright } from "../render/light.ts";
import type { Outfit } from "./person.ts";
import { randomOutfit } from "./person.ts";
import type { Stage, Thing } from "../render/stage.ts";

interface Cyclist {
  readonly s: number;
  readonly z: number;
  readonly heading: number;
  readonly outfit: Outfit;
  readonly bicycle: Rgb;
  readonly helmet: Rgb | undefined;
  readonly pedal: number;
  readonly lean: number;
  readonly basket: boolean;
  readonly size: number;
}

type Flat = readonly [number, number];

/** Somebody on a bicycle; heading in radians, 0 away from the camera, π/2 to the right. */
export function randomCyclist(random: Random, s: number, z: number, heading: number): Thing {
  const vest = random.chance(0.2) ? rgb(205, 215, 60) : undefined;
  const outfit = randomOutfit(random);
  const cyclist: Cyclist = {
    s,
    z,
    heading,
    outfit: vest === undefined ? outfit : { ...outfit, top: vest },
    bicycle: varied(
      random,
      pick(random, [grey(50), grey(170), rgb(150, 40, 40), rgb(40, 80, 130), rgb(60, 110, 80)]),
      0.2,
    ),
    helmet: random.chance(0.5)
      ? varied(random, pick(random, [grey(40), grey(220), rgb(180, 40, 40), rgb(50, 90, 160)]), 0.2)
      : undefined,
    pedal: random.between(0, 2 * Math.PI),
    lean: random.between(0, 1),
    basket: random.chance(0.25),
    size: random.between(0.94, 1.05),
  };
  const width = 0.5 + Math.abs(Math.sin(heading));
  return {
    z,
    seeThrough: true,
    draw: (stage) => drawCyclist(stage, cyclist),
    shade: (stage) => shadeFigure(stage, s, z, width, 1.7, 0.7),
  };
}

function drawCyclist(stage: Stage, cyclist: Cyclist): void {
  const { s, z, heading } = cyclist;
  if (!stage.sees(s, z)) return;
  const light = lightOnUpright(stage.light, stage.sunAt(s, 1.2, z));
  const sin = Math.sin(heading);
  const thin = Math.max(0.045, (1.1 * z) / stage.camera.lens.focal);
  if (Math.abs(sin) < 0.5) return drawAlong(new Board(stage, [s, z], light), cyclist, Math.cos(heading) > 0, thin);
  const cos = Math.cos(heading);
  const bicycle = new Board(stage, [s, z], light, [sin, cos]);
  // A body is round: turned from the side it narrows less than the bicycle does.
  const rider = new Board(stage, [s, z], light, [Math.sign(sin) * (0.45 + 0.55 * Math.abs(sin)), cos * 0.6]);
  drawAcross(bicycle, rider, cyclist, thin);
}

/** Seen from the side: x forward. */
function drawAcross(board: Board, rider: Board, cyclist: Cyclist, thin: number): void {
  const { bicycle, size } = cyclist;
  const at = (x: number, y: number): Flat => [x * size, y * size];
  const [back, front, crank, saddle, head] = [
    at(-0.52, 0.34),
    at(0.54, 0.34),
    at(-0.06, 0.3),
    at(-0.2, 0.92),
    at(0.4, 0.9),
  ];
  for (const [x, y] of [back, front]) wheel(board, x, y, 0.34 * size, thin);
  const bar = (a: Flat, b: Flat): void => board.limb(a, b, [thin, thin], CYCLIST, bicycle);
  leg(board, cyclist, crank, saddle, Math.PI, 0.72);
  for (const [a, b] of [
    [back, crank],
    [back, saddle],
    [crank, saddle],
    [crank, head],
    [saddle, head],
    [head, front],
  ] as const) {
    bar(a, b);
  }
  board.limb(at(-0.34, 0.96), at(-0.08, 0.97), [0.07, 0.05], CYCLIST, grey(40));
  leg(board, cyclist, crank, saddle, 0, 1);
  riderAcross(rider, cyclist, saddle, head);
  if (cyclist.basket) board.limb(at(0.52, 0.74), at(0.52, 0.98), [0.26, 0.34], CYCLIST, rgb(120, 96, 70));
}

/** A wheel: its disc is labelled, what shows between the spokes included. */
function wheel(board: Board, x: number, y: number, r: number, thin: number): void {
  board.painted(ring(x, y, r, r, 14), CYCLIST, (_u, _v, _depth, out) => {
    out[0] = 0.02;
    out[1] = 0.02;
    out[2] = 0.02;
    out[3] = 0.14;
  });
  const rim = ring(x, y, r - thin / 2, r - thin / 2, 14);
  for (let i = 0; i < rim.length; i++) board.limb(rim[i]!, rim[(i + 1) % rim.length]!, [thin, thin], CYCLIST, grey(30));
}

/** A leg from the saddle by way of the knee to a pedal that stands `phase` round from the first. */
function leg(board: Board, cyclist: Cyclist, crank: Flat, saddle: Flat, phase: number, shade: number): void {
  const { outfit, pedal, size } = cyclist;
  const angle = pedal + phase;
  const foot: Flat = [crank[0] + 0.17 * Math.cos(angle) * size, crank[1] + 0.17 * Math.sin(angle) * size + 0.04];
  const hip: Flat = [saddle[0] + 0.02, saddle[1] + 0.08];
  const reach = Math.hypot(foot[0] - hip[0], foot[1] - hip[1]);
  const bend = Math.sqrt(Math.max(0.002, 0.44 ** 2 * size * size - (reach / 2) ** 2));
  const [dx, dy] = [(foot[0] - hip[0]) / reach, (foot[1] - hip[1]) / reach];
  const knee: Flat = [(hip[0] + foot[0]) / 2 - dy * bend, (hip[1] + foot[1]) / 2 + dx * bend];
  board.limb(hip, knee, [0.18, 0.13], CYCLIST, scaled(outfit.legs, shade));
  board.limb(knee, foot, [0.12, 0.08], CYCLIST, scaled(outfit.shorts ? outfit.skin : outfit.legs, shade));
  board.limb(
    [foot[0] - 0.07, foot[1] - 0.03],
    [foot[0] + 0.15, foot[1] - 0.03],
    [0.08, 0.06],
    CYCLIST,
    scaled(outfit.shoes, shade),
  );
}

function riderAcross(board: Board, cyclist: Cyclist, saddle: Flat, head: Flat): void {
  const { outfit, lean, size } = cyclist;
  const shoulder: Flat = [saddle[0] + (0.2 + 0.22 * lean) * size, saddle[1] + (0.56 - 0.1 * lean) * size];
  const hand: Flat = [head[0] + 0.06, head[1] + 0.12];
  board.limb([saddle[0], saddle[1] + 0.02], shoulder, [0.27, 0.25], CYCLIST, outfit.top);
  board.disc(shoulder[0], shoulder[1], 0.12, 0.1, CYCLIST, outfit.top);
  const elbow: Flat = [(shoulder[0] + hand[0]) / 2 + 0.02, (shoulder[1] + hand[1]) / 2 - 0.07];
  board.limb([shoulder[0] + 0.02, shoulder[1] - 0.02], elbow, [0.11, 0.09], CYCLIST, scaled(outfit.top, 1.15));
  board.limb(elbow, hand, [0.09, 0.07], CYCLIST, outfit.shortSleeves ? outfit.skin : scaled(outfit.top, 1.1));
  skull(board, cyclist, shoulder[0] + 0.07 + 0.05 * lean, shoulder[1] + 0.21, 0.02);
}

function skull(board: Board, cyclist: Cyclist, x: number, y: number, forward: number): void {
  const { outfit, helmet } = cyclist;
  board.limb([x - 0.04, y - 0.16], [x, y - 0.06], [0.1, 0.1], CYCLIST, outfit.skin);
  board.disc(x, y, 0.09, 0.115, CYCLIST, outfit.skin);
  const cap = helmet ?? outfit.hair;
  const size = helmet === undefined ? 1 : 1.22;
  board.disc(x - forward, y + 0.06, 0.095 * size, 0.075 * size, CYCLIST, cap);
}

/** Seen from behind or from the front: the bicycle is a line under its rider. */
function drawAlong(board: Board, cyclist: Cyclist, away: boolean, thin: number): void {
  const { outfit, bicycle, pedal, size } = cyclist;
  const tyre = Math.max(0.06, thin);
  const skew = 0.04 * (cyclist.lean - 0.5);
  board.limb([0, 0], [skew, 0.68 * size], [tyre, tyre], CYCLIST, grey(34));
  board.limb([skew, 0.4], [skew, 0.95], [thin, thin], CYCLIST, bicycle);
  const high = 0.13 * Math.sin(pedal);
  for (const side of [-1, 1]) {
    const foot: Flat = [side * 0.13, 0.32 + side * high];
    const knee: Flat = [side * 0.16, 0.72 + side * high * 0.7];
    board.limb([side * 0.09, 1], knee, [0.19, 0.15], CYCLIST, outfit.legs);
    board.limb(knee, foot, [0.13, 0.09], CYCLIST, outfit.shorts ? outfit.skin : outfit.legs);
    board.disc(foot[0], foot[1] - 0.02, 0.05, 0.05, CYCLIST, outfit.shoes);
  }
  board.limb([-0.3, 1.03], [0.3, 1.03], [thin, thin], CYCLIST, grey(40));
  const shoulder = 1.46 * size;
  if (away) board.limb([0, 0.92], [0, 1.05], [0.3, 0.36], CYCLIST, outfit.legs);
  for (const side of [-1, 1]) {
    board.limb([side * 0.19, shoulder - 0.06], [side * 0.29, shoulder - 0.26], [0.12, 0.1], CYCLIST, outfit.top);
    board.limb(
      [side * 0.29, shoulder - 0.26],
      [side * 0.26, 1.05],
      [0.1, 0.07],
      CYCLIST,
      outfit.shortSleeves ? outfit.skin : outfit.top,
    );
  }
  board.limb([0, 0.98], [0, shoulder - 0.05], [0.32, 0.44], CYCLIST, outfit.top);
  board.limb([0, shoulder - 0.05], [0, shoulder + 0.03], [0.44, 0.2], CYCLIST, outfit.top);
  skull(board, cyclist, 0, shoulder + 0.15, away ? 0 : 0.005);
  if (away && cyclist.helmet === undefined) board.disc(0, shoulder + 0.15, 0.09, 0.11, CYCLIST, outfit.hair);
  if (!away && cyclist.basket) board.limb([0, 0.78], [0, 1.02], [0.3, 0.36], CYCLIST, rgb(120, 96, 70));
}
