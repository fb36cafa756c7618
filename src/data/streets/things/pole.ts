import type { Random } from "../../../util/random.ts";
import { Board, ring } from "../render/board.ts";
import { POLE, SIGN } from "../classes.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb, varied } from "../render/colour.ts";
import { pick, pickWeighted } from "../render/draws.ts";
import { shadeFigure } from "../ground/ground.ts";
import type { Lettering } from "./lettering.ts";
import { boardPaint, randomBoard } from "./lettering.ts";
import { lightOnUpright } from "../render/light.ts";
import type { Stage, Thing } from "../render/stage.ts";

/** An upright post with its foot at s, z. */
interface Post {
  readonly s: number;
  readonly z: number;
  readonly height: number;
  readonly thick: number;
  readonly colour: Rgb;
}

const metals: readonly Rgb[] = [grey(120), grey(150), grey(70), rgb(60, 76, 66), grey(45), rgb(140, 140, 132)];

function randomPost(random: Random, s: number, z: number, height: number, thick: number): Post {
  return { s, z, height, thick, colour: varied(random, pick(random, metals), 0.15) };
}

function thingOf(post: Post, draw: (stage: Stage, board: Board) => void): Thing {
  return {
    z: post.z,
    draw: (stage) => {
      if (!stage.sees(post.s, post.z)) return;
      const light = lightOnUpright(stage.light, stage.sunAt(post.s, post.height * 0.5, post.z));
      const board = new Board(stage, [post.s, post.z], light);
      board.limb([0, 0], [0, post.height], [visible(stage, post), visible(stage, post) * 0.8], POLE, post.colour);
      draw(stage, board);
    },
    shade: (stage) => shadeFigure(stage, post.s, post.z, Math.max(post.thick, 0.14), post.height, 0.75),
  };
}

/** The thickness of a post as drawn: at least a sample and a half, so that far ones do not break up. */
function visible(stage: Stage, post: Post): number {
  return Math.max(post.thick, (1.5 * post.z) / stage.camera.lens.focal);
}

/** A street lamp whose arm reaches over the road. */
export function randomLamp(random: Random, s: number, z: number, height: number, style: number): Thing {
  const post = randomPost(random, s, z, height, random.between(0.15, 0.22));
  const arm = -Math.sign(s) * (style < 0.6 ? 1.6 : 0);
  return thingOf(post, (stage, board) => {
    const thin = Math.max(0.09, (1.2 * z) / stage.camera.lens.focal);
    if (arm === 0) {
      board.limb([0, height - 0.1], [0, height + 0.45], [0.34, 0.5], POLE, style < 0.8 ? grey(210) : post.colour);
      return;
    }
    board.limb([0, height - 0.2], [arm, height + 0.25], [thin, thin], POLE, post.colour);
    board.limb([arm * 0.75, height + 0.18], [arm * 1.3, height + 0.3], [0.18, 0.12], POLE, grey(150));
  });
}

/** A wooden or concrete mast for wires. */
export function randomMast(random: Random, s: number, z: number): Thing {
  const post = { ...randomPost(random, s, z, random.between(7, 9), random.between(0.24, 0.32)) };
  const mast: Post = { ...post, colour: varied(random, pick(random, [rgb(110, 88, 70), grey(140)]), 0.15) };
  return thingOf(mast, (_stage, board) => {
    board.limb([-0.9, mast.height - 0.5], [0.9, mast.height - 0.5], [0.12, 0.12], POLE, mast.colour);
  });
}

export function randomBollard(random: Random, s: number, z: number): Thing {
  const colour = pickWeighted(random, [
    [4, grey(60)],
    [2, grey(160)],
    [1, rgb(200, 60, 40)],
  ]);
  const post: Post = { s, z, height: random.between(0.8, 1.05), thick: random.between(0.14, 0.22), colour };
  return thingOf(post, (_stage, board) =>
    board.limb([0, post.height * 0.72], [0, post.height * 0.86], [post.thick, post.thick], POLE, grey(220)),
  );
}

/** A traffic light at the kerb, its lamps towards the camera or away from it. */
export function randomTrafficLight(random: Random, s: number, z: number): Thing {
  const post = { ...randomPost(random, s, z, random.between(3, 3.7), 0.13), colour: grey(random.between(40, 120)) };
  const lamp = random.integer(4);
  const mast = random.chance(0.3) ? -Math.sign(s) * random.between(2, 3.4) : 0;
  const top = mast === 0 ? post.height : post.height + 2;
  return thingOf({ ...post, height: top }, (_stage, board) => {
    signal(board, 0, post.height - 1, lamp);
    if (mast === 0) return;
    board.limb([0, top - 0.05], [mast, top - 0.05], [0.12, 0.1], POLE, post.colour);
    signal(board, mast, top - 0.95, lamp);
  });
}

const lamps: readonly Rgb[] = [
  [0.1, 1.6, 0.7],
  [1.8, 1, 0.1],
  [2, 0.12, 0.08],
];

function signal(board: Board, x: number, y: number, lamp: number): void {
  board.shape(box(x, y, 0.2, 1), SIGN, grey(34));
  for (let i = 0; i < 3; i++) {
    const lit = lamp === i ? lamps[i]! : lamp === 3 ? grey(34) : grey(58);
    board.disc(x, y + 0.2 + 0.3 * i, 0.12, 0.12, SIGN, lit);
  }
}

function box(x: number, y: number, half: number, height: number): [number, number][] {
  return [
    [x - half, y],
    [x + half, y],
    [x + half, y + height],
    [x - half, y + height],
  ];
}

type Plate = "prohibition" | "warning" | "blue" | "stop" | "board" | "back";

/** A traffic sign on its post, or a direction board on two. */
export function randomSignPost(random: Random, s: number, z: number): Thing {
  if (random.chance(0.1)) return directionBoard(random.split("board"), s, z);
  const plate = pickWeighted<Plate>(random, [
    [26, "prohibition"],
    [20, "warning"],
    [16, "blue"],
    [8, "stop"],
    [14, "board"],
    [10, "back"],
  ]);
  const size = random.between(0.36, 0.52);
  const bottom = random.between(1.9, 2.3);
  const second = random.chance(0.25);
  const post = randomPost(random, s, z, bottom + size * 2, 0.09);
  const lettering = { ...randomBoard(random), ...boardColours(random, plate) };
  return thingOf(post, (stage, board) => {
    drawPlate(stage, board, plate, bottom + size, size, lettering);
    if (second) board.shape(box(0, bottom - size * 0.75, size * 0.8, size * 0.6), SIGN, grey(225));
  });
}

function boardColours(random: Random, plate: Plate | "direction"): Pick<Lettering, "board" | "ink"> {
  const white = grey(238);
  const choices: readonly Rgb[] =
    plate === "direction"
      ? [rgb(30, 96, 66), rgb(32, 72, 140), grey(235)]
      : [rgb(36, 80, 150), grey(235), rgb(235, 190, 60)];
  const board = pick(random, choices);
  return { board, ink: board[1] > 0.4 ? grey(40) : white };
}

function drawPlate(stage: Stage, board: Board, plate: Plate, y: number, r: number, lettering: Lettering): void {
  const red = rgb(190, 30, 36);
  const triangle = (k: number): [number, number][] => [
    [-r * k, y - r * 0.62 * k],
    [r * k, y - r * 0.62 * k],
    [0, y + r * 1.1 * k],
  ];
  if (plate === "prohibition") {
    board.disc(0, y, r, r, SIGN, red);
    board.disc(0, y, r * 0.72, r * 0.72, SIGN, grey(240));
    board.shape(box(0, y - r * 0.3, r * 0.3, r * 0.6), SIGN, grey(40));
  } else if (plate === "warning") {
    board.shape(triangle(1.12), SIGN, red);
    board.shape(triangle(0.68), SIGN, lettering.seed % 3 === 0 ? rgb(240, 200, 50) : grey(238));
  } else if (plate === "blue") {
    board.disc(0, y, r, r, SIGN, rgb(30, 80, 160));
    board.shape(box(0, y - r * 0.5, r * 0.14, r), SIGN, grey(240));
  } else if (plate === "stop") {
    board.shape(ring(0, y, r, r, 8), SIGN, red);
    board.shape(box(0, y - r * 0.18, r * 0.7, r * 0.36), SIGN, grey(240));
  } else if (plate === "back") {
    board.disc(0, y, r, r, SIGN, grey(120));
  } else {
    const light = lightOnUpright(stage.light, 1);
    board.painted(box(0, y - r, r, 2 * r), SIGN, boardPaint(lettering, light, 2 * r, 2 * r), unit);
  }
}

const unit: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/** A large board with directions, on two posts. */
function directionBoard(random: Random, s: number, z: number): Thing {
  const [half, bottom, height] = [random.between(0.8, 1.3), random.between(1.6, 2.1), random.between(0.9, 1.4)];
  const lettering = { ...randomBoard(random, 3), ...boardColours(random, "direction") };
  const metal = grey(random.between(100, 160));
  return {
    z,
    draw: (stage) => {
      if (!stage.sees(s, z)) return;
      const light = lightOnUpright(stage.light, stage.sunAt(s, bottom, z));
      const board = new Board(stage, [s, z], light);
      const thick = Math.max(0.1, (1.3 * z) / stage.camera.lens.focal);
      for (const x of [-0.6 * half, 0.6 * half]) board.limb([x, 0], [x, bottom + 0.1], [thick, thick], POLE, metal);
      board.painted(box(0, bottom, half, height), SIGN, boardPaint(lettering, light, 2 * half, height), unit);
    },
    shade: (stage) => shadeFigure(stage, s, z, 2 * half, bottom + height, 0.9),
  };
}
