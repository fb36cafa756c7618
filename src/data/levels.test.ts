import { expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { copyLevelsInto, keepsPixels } from "./levels.ts";
import { planResize, resizeImageInto } from "./resample.ts";
import { applyToned, finishOf, levelsOf } from "./transforms/finish.ts";
import { imagenetStats } from "./transforms/normalize.ts";
import { crop, flipColumns, flipRows, pad, transpose, wholeView } from "./transforms/view.ts";

/** A picture that keeps its size, by levels and by resampling, in any view. */
function twoWays(seed: number, tone: Parameters<typeof finishOf>[0]): [Float32Array, Float32Array] {
  const random = new Random(seed);
  const size = { height: 1 + random.integer(9), width: 1 + random.integer(9) };
  const pixels = size.height * size.width;
  const image = { ...size, data: Uint8Array.from({ length: 3 * pixels }, () => random.integer(256)) };
  const steps = [flipColumns, flipRows, transpose, () => pad(wholeView(size), 2, 1, "zeros")];
  let view = crop(wholeView(size), { height: 5, width: 4 }, 0.7, 0.2);
  for (const step of steps) if (random.chance(0.5)) view = step(view);
  const finish = finishOf(tone, imagenetStats, 255);
  const plane = view.rows.length * view.columns.length;
  const [fast, plain] = [0, 1].map(() => new Float32Array(3 * plane + 4).fill(0.25)) as [Float32Array, Float32Array];
  copyLevelsInto(fast, 3, image, levelsOf(finish), view);
  resizeImageInto(plain, 3, image, planResize(size, size), finish.scale, view);
  applyToned(plain, 3, plane, finish);
  return [fast, plain];
}

test("pixels of a picture that keeps its size are what resampling gives, exactly", () => {
  for (let seed = 0; seed < 200; seed++) {
    const [fast, plain] = twoWays(seed, null);
    expect(fast, `seed ${seed}`).toEqual(plain);
  }
});

test("and with lighting as close as its table is to the formula", () => {
  for (let seed = 0; seed < 200; seed++) {
    const [fast, plain] = twoWays(seed, { contrast: 1.3, brightness: -0.4 });
    for (const [i, value] of fast.entries()) {
      if (plain[i] !== 0.25 && value !== 0.25) expect(Math.abs(value - plain[i]!), `seed ${seed}`).toBeLessThan(2e-5);
    }
  }
});

test("only 8-bit pictures of the size asked for", () => {
  const size = { height: 2, width: 2 };
  expect(keepsPixels({ ...size, data: new Uint8Array(12) }, size)).toBe(true);
  expect(keepsPixels({ ...size, data: new Uint8Array(12) }, { height: 2, width: 3 })).toBe(false);
  expect(keepsPixels({ ...size, data: new Float32Array(12) }, size)).toBe(false);
});
