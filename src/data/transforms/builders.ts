/** @file A function for every transform of fastai 1.0, under its name. A range is drawn from, a number is taken as it is. */
import type { Range } from "./distribution.ts";
import type { SizeLike } from "./sizes.ts";
import type { TransformKind, TransformSpec } from "./table.ts";
import type { PaddingMode } from "./view.ts";

/** What may be given to the transform of a kind. */
type Options<K extends TransformKind> = Omit<TransformSpec<K>, "kind">;

/** Turns by `degrees` (0 where left out), counter-clockwise for positive ones. */
export function rotate(options: Options<"rotate"> = {}): TransformSpec<"rotate"> {
  return { kind: "rotate", ...options };
}

/** Zooms in by `scale`, or out below 1; `rowPct` and `colPct` (0–1) place the window that stays. */
export function zoom(options: Options<"zoom"> = {}): TransformSpec<"zoom"> {
  return { kind: "zoom", ...options };
}

/** Stretches horizontally by 1/`scale` up to 1, vertically by `scale` above. */
export function squish(options: Options<"squish"> = {}): TransformSpec<"squish"> {
  return { kind: "squish", ...options };
}

/** Left and right swapped as part of the resampling. */
export function flipAffine(options: Options<"flipAffine"> = {}): TransformSpec<"flipAffine"> {
  return { kind: "flipAffine", ...options };
}

/** One of the eight symmetries of a square as part of the resampling; `k` is drawn from 0–7 where left out. */
export function dihedralAffine(options: Options<"dihedralAffine"> = {}): TransformSpec<"dihedralAffine"> {
  return { kind: "dihedralAffine", ...options };
}

/** Left and right swapped, pixel by pixel. */
export function flipLr(options: Options<"flipLr"> = {}): TransformSpec<"flipLr"> {
  return { kind: "flipLr", ...options };
}

/** Left and right swapped with probability `p`: `flipLr` by another name. */
export function flipHorizontal(p = 0.5): TransformSpec<"flipLr"> {
  return flipLr({ p });
}

/** One of the eight symmetries of a square, pixel by pixel; those from 4 on swap height and width. */
export function dihedral(options: Options<"dihedral"> = {}): TransformSpec<"dihedral"> {
  return { kind: "dihedral", ...options };
}

/** Moves each corner by its own (dx, dy) of the eight `magnitude` numbers, in half widths and heights. */
export function perspectiveWarp(options: Options<"perspectiveWarp"> = {}): TransformSpec<"perspectiveWarp"> {
  return { kind: "perspectiveWarp", ...options };
}

/** Tilts the four sides by the four `magnitude` numbers. */
export function symmetricWarp(options: Options<"symmetricWarp"> = {}): TransformSpec<"symmetricWarp"> {
  return { kind: "symmetricWarp", ...options };
}

/** Tilts the right (0), left (1), lower (2) or upper (3) side by `magnitude`; drawn where `direction` is left out. */
export function tilt(options: Options<"tilt"> = {}): TransformSpec<"tilt"> {
  return { kind: "tilt", ...options };
}

/** Moves one coordinate of one corner (`direction` 0–7) outwards by `magnitude`. */
export function skew(options: Options<"skew"> = {}): TransformSpec<"skew"> {
  return { kind: "skew", ...options };
}

/** Reads every pixel up to `magnitude` away, the same for image and mask. */
export function jitter(options: Options<"jitter"> = {}): TransformSpec<"jitter"> {
  return { kind: "jitter", ...options };
}

/** Adds logit(`change`) in logit space: 0.5 changes nothing, 0 is black and 1 white. Masks stay. */
export function brightness(options: Options<"brightness"> = {}): TransformSpec<"brightness"> {
  return { kind: "brightness", ...options };
}

/** Multiplies by `scale` in logit space: 1 changes nothing, towards 0 all is grey. A range is drawn from by logarithm. Masks stay. */
export function contrast(options: Options<"contrast"> = {}): TransformSpec<"contrast"> {
  return { kind: "contrast", ...options };
}

/** Cuts out a window of `size` pixels; a smaller picture keeps its size. */
export function crop(size: SizeLike, options: Omit<Options<"crop">, "size"> = {}): TransformSpec<"crop"> {
  return { kind: "crop", size, ...options };
}

/** Where the picture is cut or padded to the size asked for, with `ResizeMethod.CROP` and `PAD`; the middle by default. */
export function cropPad(options: Options<"cropPad"> = {}): TransformSpec<"cropPad"> {
  return { kind: "cropPad", ...options };
}

/** Adds `padding` pixels on all four sides, before all other transforms. */
export function pad(padding: number, options: Omit<Options<"pad">, "padding"> = {}): TransformSpec<"pad"> {
  return { kind: "pad", padding, ...options };
}

/**
 * Blackens `nHoles` squares of side `length`. The mask keeps its classes there, or gets `maskClass`, such as the id that
 * the loss ignores.
 */
export function cutout(options: Options<"cutout"> = {}): TransformSpec<"cutout"> {
  return { kind: "cutout", ...options };
}

/** Replaces one channel by noise from 0 to `thresh`. Masks stay. */
export function rgbRandomize(options: Options<"rgbRandomize"> = {}): TransformSpec<"rgbRandomize"> {
  return { kind: "rgbRandomize", ...options };
}

const anywhere = { rowPct: [0, 1], colPct: [0, 1] } as const;

/** A zoom to a random place. */
export function randZoom(options: Omit<Options<"zoom">, "rowPct" | "colPct"> = {}): TransformSpec<"zoom"> {
  return zoom({ ...anywhere, ...options });
}

/** A crop to the size asked for, at a random place. */
export function randCrop(options: Omit<Options<"cropPad">, "rowPct" | "colPct"> = {}): TransformSpec<"cropPad"> {
  return cropPad({ ...anywhere, ...options });
}

/** Padded by `padding` pixels and cut to `size` at a random place. */
export function randPad(padding: number, size: SizeLike, mode: PaddingMode = "reflection"): TransformSpec[] {
  return [pad(padding, { mode }), crop(size, anywhere)];
}

/** A zoom and a crop to the size asked for, in the middle or at random places. */
export function zoomCrop(scale: Range, doRand = false, p = 1): TransformSpec[] {
  return doRand ? [randZoom({ scale, p }), randCrop()] : [zoom({ scale, p }), cropPad()];
}

/**
 * A window of random area (1/`maxScale` to 1) and ratio of its sides, resized to the picture, then cut to `size` pixels:
 * the first of eight tries that lies inside, or the largest square in the middle.
 */
export function randResizeCrop(size: SizeLike, maxScale = 2, ratios: Range = [0.75, 1.33]): TransformSpec[] {
  return [{ kind: "zoomSquish", scale: [1, maxScale], squish: ratios, invert: 0.5, ...anywhere }, crop(size)];
}
