import type { Random } from "../../../util/random.ts";
import type { Paint } from "../render/canvas.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb } from "../render/colour.ts";
import { pick } from "../render/draws.ts";
import { hash } from "../render/noise.ts";

/** A board with writing on it that is too small to read. */
export interface Lettering {
  readonly board: Rgb;
  readonly ink: Rgb;
  readonly lines: number;
  readonly seed: number;
}

const schemes: readonly (readonly [board: Rgb, ink: Rgb])[] = [
  [rgb(30, 60, 120), grey(235)],
  [rgb(150, 30, 34), rgb(245, 230, 200)],
  [rgb(30, 90, 60), rgb(240, 220, 140)],
  [grey(235), rgb(180, 40, 40)],
  [grey(235), grey(40)],
  [rgb(230, 190, 60), grey(40)],
  [grey(40), rgb(230, 200, 120)],
  [rgb(110, 70, 110), grey(235)],
];

export function randomBoard(random: Random, lines = 1): Lettering {
  const [board, ink] = pick(random, schemes);
  return { board, ink, lines, seed: random.integer(1 << 20) };
}

/** Paints a board over surface coordinates 0–1, in the given light; its size in metres sets that of the letters. */
export function boardPaint(lettering: Lettering, light: Rgb, width: number, height: number): Paint {
  const { board, ink, lines, seed } = lettering;
  const letter = (height / lines) * 0.42;
  const from = 0.08 + 0.2 * hash(1, 1, seed);
  return (u, v, _depth, out) => {
    const line = Math.floor(v * lines);
    const y = v * lines - line;
    const to = 1 - 0.08 - 0.35 * hash(line, 2, seed);
    const x = (u * width) / letter;
    const stroke =
      x - Math.floor(x) < 0.78 && hash(Math.floor(x), line, seed) > 0.16 && inLetter(x, (y - 0.27) / 0.46, seed);
    const written = u > from && u < to && y > 0.27 && y < 0.73 && stroke;
    const colour = written ? ink : board;
    for (let k = 0; k < 3; k++) out[k] = colour[k]! * light[k]!;
  };
}

/** Whether a point of a letter is ink: one of a few simple forms of bars, chosen by the letter. */
function inLetter(x: number, y: number, seed: number): boolean {
  const form = hash(Math.floor(x), 5, seed);
  const t = (x - Math.floor(x)) / 0.78;
  if (t < 0.3) return form < 0.8 || y > 0.6;
  if (y > 0.72) return form > 0.25;
  if (y < 0.28) return form < 0.6;
  return t > 0.7 ? form > 0.55 : y > 0.4 && y < 0.62 && form > 0.3;
}
