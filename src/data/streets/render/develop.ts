import type { Random } from "../../../util/random.ts";
import type { Canvas } from "./canvas.ts";
import type { Light } from "./light.ts";
import { clamp, hash } from "./noise.ts";

/** Linear light at the size of the picture, channels interleaved. */
interface Picture {
  readonly height: number;
  readonly width: number;
  readonly light: Float32Array;
}

/** Samples per pixel along each axis; averaging and voting below take blocks of two by two. */
export const oversampling = 2;

/** Puts haze before what is far, sample by sample. */
export function addHaze(canvas: Canvas, light: Light): void {
  const { colour, nearness } = canvas;
  const [red, green, blue] = light.hazeColour;
  for (let i = 0; i < nearness.length; i++) {
    const near = nearness[i]!;
    if (near === 0) continue;
    const clear = Math.exp(-light.haze / near);
    const k = 3 * i;
    colour[k] = red + (colour[k]! - red) * clear;
    colour[k + 1] = green + (colour[k + 1]! - green) * clear;
    colour[k + 2] = blue + (colour[k + 2]! - blue) * clear;
  }
}

/** What a camera makes of the canvas: exposure, white balance, lens, grain and display curve. RGB bytes, interleaved. */
export function develop(canvas: Canvas, random: Random): Uint8Array {
  const picture = averaged(canvas);
  const sigma = random.chance(0.15) ? random.between(0.45, 0.7) : random.between(0.2, 0.45);
  blur(picture, sigma * Math.max(1, Math.sqrt(picture.height / 96) * 0.8));
  const exposure = exposureOf(picture) * Math.exp(0.22 * random.normal());
  const warmth = 0.07 * random.normal();
  const tint = 0.025 * random.normal();
  const gain = [exposure * (1 + warmth), exposure * (1 + tint), exposure * (1 - warmth)];
  const contrast = random.between(0, 0.45);
  const chroma = random.between(0.7, 1.15);
  const vignette = random.between(0, 0.38);
  const grain = random.chance(0.15) ? random.between(0.012, 0.024) : random.between(0.003, 0.012);
  return display(picture, { gain, contrast, chroma, vignette, grain }, random);
}

/** The class of each pixel: that of most of its samples, on a tie that of the nearest. */
export function resolveMask(canvas: Canvas): Uint8Array {
  const { ids } = canvas;
  const width = canvas.width / oversampling;
  const height = canvas.height / oversampling;
  const mask = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const corner = row * oversampling * canvas.width + column * oversampling;
      mask[row * width + column] = ids[dominant(canvas, corner)]!;
    }
  }
  return mask;
}

/** The sample that speaks for the pixel whose first sample is `a`. */
function dominant({ ids, nearness, width }: Canvas, a: number): number {
  const [b, c, d] = [a + 1, a + width, a + width + 1];
  const [ka, kb, kc, kd] = [ids[a]!, ids[b]!, ids[c]!, ids[d]!];
  if (ka === kb && ka === kc) return a;
  let best = a;
  let most = 0;
  const consider = (i: number, id: number): void => {
    const votes = Number(id === ka) + Number(id === kb) + Number(id === kc) + Number(id === kd);
    if (votes < most || (votes === most && nearness[i]! <= nearness[best]!)) return;
    best = i;
    most = votes;
  };
  consider(a, ka);
  consider(b, kb);
  consider(c, kc);
  consider(d, kd);
  return best;
}

function averaged(canvas: Canvas): Picture {
  const { colour } = canvas;
  const width = canvas.width / oversampling;
  const height = canvas.height / oversampling;
  const light = new Float32Array(height * width * 3);
  const [right, below] = [3, 3 * canvas.width];
  for (let row = 0; row < height; row++) {
    let from = 3 * row * oversampling * canvas.width;
    let to = 3 * row * width;
    for (let column = 0; column < width; column++, from += 3 * (oversampling - 1)) {
      for (let k = 0; k < 3; k++, from++, to++) {
        const upper = lamp(colour[from]!) + lamp(colour[from + right]!);
        light[to] = (upper + lamp(colour[from + below]!) + lamp(colour[from + below + right]!)) / 4;
      }
    }
  }
  return { height, width, light };
}

/** The light of a sample, held to twice white: lamps may be brighter, but do not outshine a pixel. */
function lamp(light: number): number {
  return light < 2 ? light : 2;
}

/** A separable blur with the three-tap kernel of the given standard deviation, repeated while one is not enough. */
function blur(picture: Picture, sigma: number): void {
  const passes = Math.max(1, Math.ceil(sigma * sigma * 2));
  const side = (sigma * sigma) / passes / 2;
  for (let pass = 0; pass < passes; pass++) {
    smooth(picture.light, picture.height, picture.width, 3 * picture.width, 3, side);
    smooth(picture.light, picture.width, picture.height, 3, 3 * picture.width, side);
  }
}

/** Blurs `lines` lines of `count` pixels in place. */
function smooth(light: Float32Array, lines: number, count: number, lineStep: number, step: number, side: number): void {
  for (let line = 0; line < lines; line++) {
    for (let k = 0; k < 3; k++) {
      let at = line * lineStep + k;
      let before = light[at]!;
      let here = before;
      for (let i = 0; i < count; i++) {
        const after = i + 1 < count ? light[at + step]! : here;
        light[at] = here + side * (before + after - 2 * here);
        before = here;
        here = after;
        at += step;
      }
    }
  }
}

/** The gain that brings a picture to a usual brightness, as a camera's automatic exposure does. */
function exposureOf(picture: Picture): number {
  let sum = 0;
  const { light } = picture;
  for (let i = 1; i < light.length; i += 3) sum += Math.log(0.02 + light[i]!);
  const mean = Math.exp((3 * sum) / light.length);
  return (0.2 / mean) ** 0.8;
}

interface Look {
  readonly gain: readonly number[];
  readonly contrast: number;
  readonly chroma: number;
  readonly vignette: number;
  readonly grain: number;
}

function display(picture: Picture, look: Look, random: Random): Uint8Array {
  const { height, width, light } = picture;
  const image = new Uint8Array(light.length);
  const seed = random.integer(1 << 20);
  const value = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const r2 = ((x + 0.5) / width - 0.5) ** 2 + ((y + 0.5) / height - 0.5) ** 2;
      const fall = 1 - look.vignette * r2 * 2;
      for (let k = 0; k < 3; k++) value[k] = curve(light[at + k]! * look.gain[k]! * fall, look.contrast);
      const luma = 0.3 * value[0]! + 0.59 * value[1]! + 0.11 * value[2]!;
      for (let k = 0; k < 3; k++) {
        const shown = luma + (value[k]! - luma) * look.chroma + grainAt(at + k, seed) * look.grain * (1.3 - 0.6 * luma);
        image[at + k] = Math.round(255 * clamp(shown));
      }
    }
  }
  return image;
}

/** From linear light to display, with rounded highlights and an S of the given strength. */
function curve(light: number, contrast: number): number {
  const v = Math.sqrt(light);
  const rolled = v < 0.8 ? v : 1 - 0.2 * Math.exp((0.8 - v) * 4.2);
  return rolled + contrast * rolled * (1 - rolled) * (2 * rolled - 1);
}

/** Close to standard normal: the sum of three uniform numbers. */
function grainAt(i: number, seed: number): number {
  return 2 * (hash(i, 0, seed) + hash(i, 1, seed) + hash(i, 2, seed) - 1.5);
}
