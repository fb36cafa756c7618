/**
 * @file A function for every transform of fastai 1.0, under its name. A range is drawn from, a number is taken as it
 * is.
 */
import type { Range } from "./distribution.ts";
import type { SizeLike } from "./sizes.ts";
import type { TransformKind, TransformSpec } from "./table.ts";
import type { PaddingMode } from "./view.ts";

/** What may be given to the transform of a kind. */
type Options<K extends TransformKind> = Omit<TransformSpec<K>, "kind">;

/**
 * Turns by `degrees` (0 where left out), counter-clockwise for positive ones.
 * @see fastai-spec §3.4
 * @example const tfm = rotate({ degrees: [-10, 10], p: 0.75 });
 */
export function rotate(options: Options<"rotate"> = {}): TransformSpec<"rotate"> {
  return { kind: "rotate", ...options };
}

/**
 * Zooms in by `scale`, or out below 1; `rowPct` and `colPct` (0–1) place the window that stays.
 * @see fastai-spec §3.4
 * @example const tfm = zoom({ scale: [1, 1.1], p: 0.75 });
 */
export function zoom(options: Options<"zoom"> = {}): TransformSpec<"zoom"> {
  return { kind: "zoom", ...options };
}

/**
 * Stretches horizontally by 1/`scale` up to 1, vertically by `scale` above.
 * @see fastai-spec §3.4
 * @example const tfm = squish({ scale: [0.75, 1.33] });
 */
export function squish(options: Options<"squish"> = {}): TransformSpec<"squish"> {
  return { kind: "squish", ...options };
}

/**
 * Left and right swapped as part of the resampling.
 * @see fastai-spec §3.4
 * @example const tfm = flipAffine({ p: 0.5 });
 */
export function flipAffine(options: Options<"flipAffine"> = {}): TransformSpec<"flipAffine"> {
  return { kind: "flipAffine", ...options };
}

/**
 * One of the eight symmetries of a square as part of the resampling; `k` is drawn from 0–7 where left out.
 * @see fastai-spec §3.4
 * @example const tfm = dihedralAffine();
 */
export function dihedralAffine(options: Options<"dihedralAffine"> = {}): TransformSpec<"dihedralAffine"> {
  return { kind: "dihedralAffine", ...options };
}

/**
 * Left and right swapped, pixel by pixel.
 * @see fastai-spec §3.4
 * @example const tfm = flipLr({ p: 0.5 });
 */
export function flipLr(options: Options<"flipLr"> = {}): TransformSpec<"flipLr"> {
  return { kind: "flipLr", ...options };
}

/**
 * Left and right swapped with probability `p`: `flipLr` by another name.
 * @see fastai-spec §3.4
 * @example const tfm = flipHorizontal(0.5);
 */
export function flipHorizontal(p = 0.5): TransformSpec<"flipLr"> {
  return flipLr({ p });
}

/**
 * One of the eight symmetries of a square, pixel by pixel; those from 4 on swap height and width.
 * @see fastai-spec §3.4
 * @example const tfm = dihedral({ k: [0, 3] }); // keeps height and width
 */
export function dihedral(options: Options<"dihedral"> = {}): TransformSpec<"dihedral"> {
  return { kind: "dihedral", ...options };
}

/**
 * Moves each corner by its own (dx, dy) of the eight `magnitude` numbers, in half widths and heights.
 * @see fastai-spec §3.4
 * @example const tfm = perspectiveWarp({ magnitude: [-0.1, 0.1] });
 */
export function perspectiveWarp(options: Options<"perspectiveWarp"> = {}): TransformSpec<"perspectiveWarp"> {
  return { kind: "perspectiveWarp", ...options };
}

/**
 * Tilts the four sides by the four `magnitude` numbers, in half widths and heights.
 * @see fastai-spec §3.4
 * @example const tfm = symmetricWarp({ magnitude: [-0.2, 0.2], p: 0.75 });
 */
export function symmetricWarp(options: Options<"symmetricWarp"> = {}): TransformSpec<"symmetricWarp"> {
  return { kind: "symmetricWarp", ...options };
}

/**
 * Tilts the right (0), left (1), lower (2) or upper (3) side by `magnitude`, in half widths or heights; drawn where
 * `direction` is left out.
 * @see fastai-spec §3.4
 * @example const tfm = tilt({ direction: 0, magnitude: 0.2 });
 */
export function tilt(options: Options<"tilt"> = {}): TransformSpec<"tilt"> {
  return { kind: "tilt", ...options };
}

/**
 * Moves one coordinate of one corner (`direction` 0–7) outwards by `magnitude`, in half widths or heights.
 * @see fastai-spec §3.4
 * @example const tfm = skew({ direction: 3, magnitude: 0.2 });
 */
export function skew(options: Options<"skew"> = {}): TransformSpec<"skew"> {
  return { kind: "skew", ...options };
}

/**
 * Reads every pixel up to `magnitude` away, in half widths and heights, the same for image and mask.
 * @see fastai-spec §3.4
 * @example const tfm = jitter({ magnitude: [0, 0.02] });
 */
export function jitter(options: Options<"jitter"> = {}): TransformSpec<"jitter"> {
  return { kind: "jitter", ...options };
}

/**
 * Adds logit(`change`) in logit space: 0.5 changes nothing, 0 is black and 1 white. Masks stay.
 * @see fastai-spec §3.4
 * @example const tfm = brightness({ change: [0.4, 0.6], p: 0.75 });
 */
export function brightness(options: Options<"brightness"> = {}): TransformSpec<"brightness"> {
  return { kind: "brightness", ...options };
}

/**
 * Multiplies by `scale` in logit space: 1 changes nothing, towards 0 all is grey. A range is drawn from by logarithm.
 * Masks stay.
 * @see fastai-spec §3.4
 * @example const tfm = contrast({ scale: [0.8, 1.25], p: 0.75 });
 */
export function contrast(options: Options<"contrast"> = {}): TransformSpec<"contrast"> {
  return { kind: "contrast", ...options };
}

/**
 * Cuts out a window of `size` pixels; a smaller picture keeps its size.
 * @see fastai-spec §3.4
 * @example const tfm = crop([360, 480], { rowPct: [0, 1], colPct: [0, 1] });
 */
export function crop(size: SizeLike, options: Omit<Options<"crop">, "size"> = {}): TransformSpec<"crop"> {
  return { kind: "crop", size, ...options };
}

/**
 * Where the picture is cut or padded to the size asked for, with `ResizeMethod.CROP` and `PAD`; the middle by default.
 * @see fastai-spec §3.4
 * @example const tfm = cropPad({ rowPct: 0.5, colPct: [0, 1] });
 */
export function cropPad(options: Options<"cropPad"> = {}): TransformSpec<"cropPad"> {
  return { kind: "cropPad", ...options };
}

/**
 * Adds `padding` pixels on all four sides, before all other transforms.
 * @see fastai-spec §3.4
 * @example const tfm = pad(8, { mode: "border" });
 */
export function pad(padding: number, options: Omit<Options<"pad">, "padding"> = {}): TransformSpec<"pad"> {
  return { kind: "pad", padding, ...options };
}

/**
 * Blackens `nHoles` squares of side `length`. The mask keeps its classes there, or gets `maskClass`, such as the id
 * that the loss ignores.
 * @see fastai-spec §3.4
 * @example const tfm = cutout({ nHoles: [1, 4], length: [16, 40], p: 0.5 });
 */
export function cutout(options: Options<"cutout"> = {}): TransformSpec<"cutout"> {
  return { kind: "cutout", ...options };
}

/**
 * Replaces one channel by noise from 0 to `thresh`. Masks stay.
 * @see fastai-spec §3.4
 * @example const tfm = rgbRandomize({ channel: 0, thresh: 0.2 });
 */
export function rgbRandomize(options: Options<"rgbRandomize"> = {}): TransformSpec<"rgbRandomize"> {
  return { kind: "rgbRandomize", ...options };
}

const anywhere = { rowPct: [0, 1], colPct: [0, 1] } as const;

/**
 * A zoom to a random place.
 * @see fastai-spec §3.4
 * @example const tfm = randZoom({ scale: [1, 1.5] });
 */
export function randZoom(options: Omit<Options<"zoom">, "rowPct" | "colPct"> = {}): TransformSpec<"zoom"> {
  return zoom({ ...anywhere, ...options });
}

/**
 * A crop to the size asked for, at a random place, with `ResizeMethod.CROP`.
 * @see fastai-spec §3.4
 * @example const tfm = randCrop();
 */
export function randCrop(options: Omit<Options<"cropPad">, "rowPct" | "colPct"> = {}): TransformSpec<"cropPad"> {
  return cropPad({ ...anywhere, ...options });
}

/**
 * Padded by `padding` pixels and cut to `size` at a random place.
 * @see fastai-spec §3.4
 * @example const tfms = randPad(4, [360, 480]);
 */
export function randPad(padding: number, size: SizeLike, mode: PaddingMode = "reflection"): TransformSpec[] {
  return [pad(padding, { mode }), crop(size, anywhere)];
}

/**
 * A zoom and a crop to the size asked for, in the middle or at random places.
 * @see fastai-spec §3.4
 * @example const tfms = zoomCrop([1, 1.3], true);
 */
export function zoomCrop(scale: Range, doRand = false, p = 1): TransformSpec[] {
  return doRand ? [randZoom({ scale, p }), randCrop()] : [zoom({ scale, p }), cropPad()];
}

/**
 * A window of random area (1/`maxScale` to 1) and ratio of its sides, resized to the picture, then cut to `size`
 * pixels: the first of eight tries that lies inside, or the largest square in the middle.
 * @see fastai-spec §3.4
 * @example const tfms = randResizeCrop([360, 480], 2);
 */
export function randResizeCrop(size: SizeLike, maxScale = 2, ratios: Range = [0.75, 1.33]): TransformSpec[] {
  return [{ kind: "zoomSquish", scale: [1, maxScale], squish: ratios, invert: 0.5, ...anywhere }, crop(size)];
}
