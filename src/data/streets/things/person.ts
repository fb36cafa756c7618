import type { Random } from "../../../util/random.ts";
import { Board } from "../render/board.ts";
import { PEDESTRIAN } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, mixed, rgb, scaled, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { shadeFigure } from "../ground/ground.ts";
import { lightOnUpright } from "../render/light.ts";
import type { Stage, Thing } from "../render/stage.ts";

/** What a person wears and looks like. */
export interface Outfit {
  readonly top: Rgb;
  readonly legs: Rgb;
  readonly shoes: Rgb;
  readonly skin: Rgb;
  readonly hair: Rgb;
  /** Bare from elbow or knee down. */
  readonly shortSleeves: boolean;
  readonly shorts: boolean;
}

interface Person {
  readonly s: number;
  readonly z: number;
  readonly height: number;
  /** Girth relative to the usual. */
  readonly build: number;
  /** Walks to the right (1), to the left (−1), or towards or away from the camera (0). */
  readonly side: number;
  readonly stride: number;
  readonly outfit: Outfit;
  readonly dress: number;
  readonly bag: "none" | "hand" | "back" | "shoulder";
  readonly bagColour: Rgb;
  readonly hat: boolean;
  readonly longHair: boolean;
  readonly away: boolean;
}

const cloth: readonly Rgb[] = [
  grey(38),
  grey(60),
  grey(100),
  grey(205),
  rgb(38, 46, 78),
  rgb(60, 84, 120),
  rgb(120, 36, 40),
  rgb(70, 84, 60),
  rgb(130, 108, 82),
  rgb(180, 70, 60),
  rgb(200, 170, 80),
  rgb(150, 110, 140),
];

const trousers: readonly Rgb[] = [
  grey(36),
  grey(56),
  rgb(50, 62, 92),
  rgb(70, 88, 120),
  rgb(120, 104, 82),
  rgb(66, 60, 56),
  grey(120),
];
const skins: readonly Rgb[] = [rgb(228, 186, 160), rgb(205, 158, 128), rgb(160, 112, 84), rgb(112, 76, 58)];
const hairs: readonly Rgb[] = [rgb(40, 32, 28), rgb(78, 56, 40), rgb(140, 108, 68), grey(150), rgb(100, 60, 40)];

export function randomOutfit(random: Random): Outfit {
  const warm = random.chance(0.4);
  return {
    top: varied(random, pick(random, cloth), 0.3),
    legs: varied(random, pick(random, trousers), 0.25),
    shoes: varied(random, pick(random, [grey(34), grey(80), grey(200), rgb(96, 66, 46)]), 0.2),
    skin: varied(random, pick(random, skins), 0.1),
    hair: varied(random, pick(random, hairs), 0.2),
    shortSleeves: warm && random.chance(0.7),
    shorts: warm && random.chance(0.35),
  };
}

/** Somebody on foot; `side` as in `Person`: across the picture, or along the street. */
export function randomPerson(random: Random, s: number, z: number, side: number): Thing {
  const child = random.chance(0.12);
  const person: Person = {
    s,
    z,
    height: child ? random.between(1, 1.4) : random.between(1.58, 1.88),
    build: random.between(0.88, 1.25),
    side,
    stride: random.chance(0.2) ? 0.08 : random.between(0.25, 0.5) * (random.chance(0.5) ? 1 : -1),
    outfit: randomOutfit(random),
    dress: random.chance(0.18) ? random.between(0.3, 0.6) : 0,
    bag: pickWeighted(random, [
      [50, "none"],
      [18, "hand"],
      [18, "back"],
      [14, "shoulder"],
    ] as const),
    bagColour: varied(random, pick(random, cloth), 0.3),
    hat: random.chance(0.14),
    longHair: random.chance(0.4),
    away: random.chance(0.5),
  };
  return {
    z,
    draw: (stage) => drawPerson(stage, person),
    shade: (stage) => shadeFigure(stage, s, z, 0.5 * person.build, person.height),
  };
}

function drawPerson(stage: Stage, person: Person): void {
  const { s, z, side } = person;
  if (!stage.sees(s, z)) return;
  const board = new Board(stage, [s, z], lightOnUpright(stage.light, stage.sunAt(s, person.height * 0.6, z)));
  drawLegs(board, person);
  if (person.bag === "back" && side !== 0) backpack(board, person, -side * 0.085);
  drawArm(board, person, -1);
  drawTorso(board, person);
  drawArm(board, person, 1);
  if (person.bag === "back" && side === 0 && person.away) backpack(board, person, 0);
  drawHead(board, person);
}

/** Heights are shares of the body's. */
function drawLegs(board: Board, person: Person): void {
  const { height: h, build, outfit, stride, side } = person;
  const hip = 0.5 * h;
  for (const leg of [-1, 1]) {
    const swing = stride * leg;
    const apart = side === 0 ? leg * 0.055 * h * build : 0;
    const [foot, lift] = side === 0 ? [apart * 1.15, Math.max(0, swing) * 0.09 * h] : [side * swing * 0.5 * h, 0];
    const bent = side === 0 ? 0 : side * (swing < 0 ? 0.02 : 0.05) * h;
    const knee: [number, number] = [(apart + foot) / 2 + bent, 0.27 * h + lift / 2];
    const ankle: [number, number] = [foot, 0.04 * h + lift];
    const thick = 0.088 * h * build;
    board.limb([apart, hip], knee, [thick * 1.12, thick * 0.8], PEDESTRIAN, outfit.legs);
    board.limb(knee, ankle, [thick * 0.8, thick * 0.55], PEDESTRIAN, outfit.shorts ? outfit.skin : outfit.legs);
    const toe = side === 0 ? 0 : side * 0.07 * h;
    board.limb(
      [foot - toe * 0.4, 0.02 * h + lift],
      [foot + toe, 0.02 * h + lift],
      [0.045 * h, 0.035 * h],
      PEDESTRIAN,
      outfit.shoes,
    );
    if (side === 0) board.disc(foot, 0.02 * h + lift, 0.035 * h, 0.02 * h, PEDESTRIAN, outfit.shoes);
  }
}

function drawTorso(board: Board, person: Person): void {
  const { height: h, build, outfit, side, dress } = person;
  const depth = side === 0 ? 1 : 0.66;
  const [shoulder, waist] = [0.25 * h * build * depth, 0.19 * h * build * depth];
  if (dress > 0) {
    const hem = (0.5 - 0.45 * dress) * h;
    board.limb(
      [0, 0.6 * h],
      [0, hem],
      [waist, waist * (1.25 + dress * 0.5)],
      PEDESTRIAN,
      mixed(outfit.top, outfit.legs, dress),
    );
  }
  board.limb([0, 0.475 * h], [0, 0.62 * h], [waist * 1.06, waist], PEDESTRIAN, outfit.top);
  board.limb([0, 0.62 * h], [0, 0.79 * h], [waist, shoulder], PEDESTRIAN, outfit.top);
  board.limb([0, 0.79 * h], [0, 0.835 * h], [shoulder, shoulder * 0.5], PEDESTRIAN, outfit.top);
  if (side === 0 && !person.away && person.longHair)
    board.limb([0, 0.48 * h], [0, 0.8 * h], [0.05 * h, 0.05 * h], PEDESTRIAN, outfit.legs);
}

function drawArm(board: Board, person: Person, arm: number): void {
  const { height: h, build, outfit, side, stride, bag } = person;
  const reach = side === 0 ? arm * 0.125 * h * build : 0;
  const swing = side === 0 ? arm * 0.02 * h : -side * arm * stride * 0.32 * h;
  const elbow: [number, number] = [reach + swing * 0.5 + (side === 0 ? arm * 0.02 * h : 0), 0.63 * h];
  const hand: [number, number] = [reach + swing, 0.48 * h];
  const thick = 0.062 * h * build;
  const sleeve = side === 0 ? outfit.top : scaled(outfit.top, arm < 0 ? 0.8 : 1.1);
  board.limb([reach * 0.9, 0.8 * h], elbow, [thick * 1.15, thick], PEDESTRIAN, sleeve);
  board.limb(elbow, hand, [thick, thick * 0.7], PEDESTRIAN, outfit.shortSleeves ? outfit.skin : sleeve);
  board.disc(hand[0], hand[1] - 0.015 * h, 0.025 * h, 0.03 * h, PEDESTRIAN, outfit.skin);
  if (arm < 0 || bag === "none" || bag === "back") return;
  const low = bag === "hand" ? 0.3 * h : 0.42 * h;
  board.limb([hand[0], low + 0.13 * h], [hand[0], low], [0.11 * h, 0.14 * h], PEDESTRIAN, person.bagColour);
}

function backpack(board: Board, person: Person, x: number): void {
  const { height: h, build } = person;
  const width = x === 0 ? 0.17 * h * build : 0.12 * h;
  board.limb([x * h * 1.1, 0.58 * h], [x * h * 1.1, 0.79 * h], [width, width * 0.85], PEDESTRIAN, person.bagColour);
}

function drawHead(board: Board, person: Person): void {
  const { height: h, side, outfit, away } = person;
  const x = side * 0.012 * h;
  board.limb([0, 0.82 * h], [x, 0.88 * h], [0.055 * h, 0.05 * h], PEDESTRIAN, outfit.skin);
  if (person.longHair)
    board.limb(
      [x - side * 0.025 * h, 0.95 * h],
      [x - side * 0.03 * h, 0.82 * h],
      [0.11 * h, 0.09 * h],
      PEDESTRIAN,
      outfit.hair,
    );
  board.disc(x, 0.925 * h, 0.052 * h, 0.066 * h, PEDESTRIAN, side === 0 && away ? outfit.hair : outfit.skin);
  if (side !== 0 || !away) board.disc(x - side * 0.014 * h, 0.957 * h, 0.054 * h, 0.04 * h, PEDESTRIAN, outfit.hair);
  if (!person.hat) return;
  board.disc(x, 0.97 * h, 0.06 * h, 0.036 * h, PEDESTRIAN, person.bagColour);
  board.limb(
    [x - 0.06 * h, 0.955 * h],
    [x + 0.06 * h + side * 0.02 * h, 0.955 * h],
    [0.016 * h, 0.016 * h],
    PEDESTRIAN,
    person.bagColour,
  );
}
