import type { Random } from "../../../util/random.ts";
import { Board } from "../render/board.ts";
import { VOID } from "../classes.ts";
import type { Point } from "../render/camera.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, plus, rgb, scaled, varied } from "../render/colour.ts";
import { pick, pickWeighted, within } from "../render/draws.ts";
import { shadeFigure } from "../ground/ground.ts";
import { lightOnUpright } from "../render/light.ts";
import { flat } from "../render/stage.ts";
import type { Stage, Thing } from "../render/stage.ts";

type Kind = "bin" | "box" | "dog" | "bench" | "cabinet" | "cone" | "bags";

/** Something in the street that has no class of its own. */
export function randomClutter(random: Random, s: number, z: number): Thing {
  const kind = pickWeighted<Kind>(random, [
    [24, "bin"],
    [14, "box"],
    [16, "dog"],
    [12, "bench"],
    [16, "cabinet"],
    [10, "cone"],
    [8, "bags"],
  ]);
  if (kind === "dog") return randomDog(random, s, z);
  if (kind === "cone") return randomCone(random, s, z);
  if (kind === "bags") return randomBags(random, s, z);
  return randomBox(random, kind, s, z);
}

const boxes = {
  bin: { width: [0.5, 0.7], height: [0.9, 1.15], deep: 0.6 },
  box: { width: [0.4, 0.9], height: [0.35, 0.7], deep: 0.5 },
  bench: { width: [0.5, 0.6], height: [0.45, 0.5], deep: 1.7 },
  cabinet: { width: [0.45, 0.7], height: [1, 1.6], deep: 0.9 },
} as const;

const colours: readonly Rgb[] = [
  rgb(48, 66, 52),
  grey(60),
  grey(120),
  rgb(60, 80, 120),
  rgb(150, 120, 84),
  rgb(110, 74, 52),
  rgb(130, 50, 46),
];

function randomBox(random: Random, kind: keyof typeof boxes, s: number, z: number): Thing {
  const size = boxes[kind];
  const width = within(random, size.width);
  const height = within(random, size.height);
  const colour = varied(random, pick(random, colours), 0.25);
  const lid = random.chance(0.5) ? varied(random, pick(random, colours), 0.25) : colour;
  return {
    z,
    draw: (stage) => drawBox(stage, [s, z], [width / 2, height, size.deep], colour, lid),
    shade: (stage) => shadeFigure(stage, s, z + size.deep / 2, width * 1.5, height, 0.5),
  };
}

function drawBox(
  stage: Stage,
  [s, z]: readonly [number, number],
  [half, height, deep]: readonly [number, number, number],
  colour: Rgb,
  lid: Rgb,
): void {
  if (!stage.sees(s, z)) return;
  const sun = stage.sunAt(s, height, z);
  const inner = s > stage.camera.lens.offset ? s - half : s + half;
  const side = s > stage.camera.lens.offset ? -1 : 1;
  const wall = (
    p: readonly [number, number],
    q: readonly [number, number],
    from: number,
    to: number,
    rgbs: Rgb,
  ): void => {
    const points: Point[] = [
      [p[0], from, p[1]],
      [q[0], from, q[1]],
      [q[0], to, q[1]],
      [p[0], to, p[1]],
    ];
    stage.face(points, VOID, flat(rgbs));
  };
  for (const [from, to, paint] of [
    [0, height * 0.88, colour],
    [height * 0.88, height, lid],
  ] as const) {
    wall([inner, z], [inner, z + deep], from, to, stage.lit(paint, [side, 0, 0], sun));
    wall([s - half, z], [s + half, z], from, to, stage.lit(paint, [0, 0, -1], sun));
  }
  const top: Point[] = [
    [s - half, height, z],
    [s + half, height, z],
    [s + half, height, z + deep],
    [s - half, height, z + deep],
  ];
  stage.face(top, VOID, flat(stage.lit(lid, [0, 1, 0], sun)));
}

function standing(s: number, z: number, width: number, height: number, draw: (board: Board) => void): Thing {
  return {
    z,
    draw: (stage) => {
      if (stage.sees(s, z)) draw(new Board(stage, [s, z], lightOnUpright(stage.light, stage.sunAt(s, height, z))));
    },
    shade: (stage) => shadeFigure(stage, s, z, width, height, 0.6),
  };
}

function randomDog(random: Random, s: number, z: number): Thing {
  const size = random.between(0.6, 1.1);
  const side = random.chance(0.5) ? 1 : -1;
  const fur = varied(random, pick(random, [rgb(70, 52, 38), grey(50), rgb(190, 160, 120), grey(190)]), 0.2);
  const at = (x: number, y: number): [number, number] => [side * x * size, y * size];
  return standing(s, z, size * 0.7, size * 0.6, (board) => {
    for (const x of [-0.3, -0.2, 0.22, 0.32])
      board.limb(at(x, 0), at(x * 0.95, 0.32), [0.07 * size, 0.1 * size], VOID, fur);
    board.limb(at(-0.36, 0.42), at(0.36, 0.46), [0.22 * size, 0.26 * size], VOID, fur);
    board.limb(at(-0.36, 0.46), at(-0.55, 0.66), [0.07 * size, 0.04 * size], VOID, fur);
    board.limb(at(0.32, 0.5), at(0.46, 0.7), [0.16 * size, 0.14 * size], VOID, fur);
    board.limb(at(0.4, 0.7), at(0.66, 0.64), [0.18 * size, 0.09 * size], VOID, fur);
  });
}

function randomCone(random: Random, s: number, z: number): Thing {
  const height = random.between(0.55, 0.9);
  const orange = varied(random, rgb(225, 90, 30), 0.15);
  return standing(s, z, 0.4, height, (board) => {
    board.limb([-0.22, 0.03], [0.22, 0.03], [0.06, 0.06], VOID, grey(50));
    board.limb([0, 0.05], [0, height], [0.32, 0.06], VOID, orange);
    board.limb([0, height * 0.45], [0, height * 0.68], [0.19, 0.13], VOID, grey(235));
  });
}

function randomBags(random: Random, s: number, z: number): Thing {
  const sacks = Array.from(
    { length: 2 + random.integer(3) },
    () => [random.between(-0.5, 0.5), random.between(0.24, 0.38)] as const,
  );
  const colour = pick(random, [grey(36), rgb(50, 70, 54), grey(160)]);
  return standing(s, z, 1, 0.5, (board) => {
    for (const [x, r] of sacks) board.disc(x, r * 0.9, r, r, VOID, varied(random.split(x), colour, 0.2));
  });
}

/** The bonnet of the car that carries the camera, over the lower edge of the picture. */
export function drawBonnet(random: Random, stage: Stage): void {
  const { canvas, light } = stage;
  const { width, height } = canvas;
  const colour = varied(random, pick(random, [grey(40), grey(90), grey(150), rgb(40, 60, 110), rgb(120, 30, 34)]), 0.2);
  const top = random.between(0.025, 0.1);
  const middle = random.between(0.4, 0.6);
  const bow = random.between(0.3, 1.2);
  const body = scaled(colour, 0.6);
  for (let row = Math.floor(height * (1 - 1.2 * top)); row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = (column + 0.5) / width - middle;
      const edge = 1 - top * (1 - bow * x * x * 2.4);
      const y = (row + 0.5) / height - edge;
      if (y < 0) continue;
      const shine = Math.exp(-y * 55) * 0.5 + 0.12 * (1 - Math.abs(x));
      const lit = plus(
        [body[0] * light.ambient[0], body[1] * light.ambient[1], body[2] * light.ambient[2]],
        light.horizon,
        shine * 0.5,
      );
      const i = row * width + column;
      canvas.colour.set(lit, 3 * i);
      canvas.ids[i] = VOID;
      canvas.nearness[i] = 2;
    }
  }
}
