import { DataError } from "../../util/errors.ts";
import type { Random } from "../../util/random.ts";
import { sameSize, sizeText } from "../image.ts";
import type { RgbImage, Size } from "../image.ts";
import type { Ids } from "../resample.ts";
import { drawTransforms, planTransforms } from "./draw.ts";
import { unitStats } from "./normalize.ts";
import type { ApplyOptions } from "./plan.ts";
import { ResizePlans, renderImage, renderMask } from "./render.ts";
import type { Source } from "./render.ts";
import { bytes } from "./sample.ts";
import type { ResolvedTransform, TransformSpec } from "./table.ts";

/** An image as float32 planes, 3 × height × width, with values from 0 to 1. */
export interface FloatImage extends Size {
  /** Red, then green, then blue, each from the top row by row. */
  readonly data: Float32Array;
}

/** Class ids, height × width. */
export interface IdPlane extends Size {
  /** Class ids, height · width of them. */
  readonly data: Int32Array;
}

/**
 * Applies resolved transforms to an image, with a single resampling for resize, warps and affine maps, and lighting in
 * logit space. (fastai 1.0 `Image.apply_tfms`, align_corners as torch ≥ 1.3 has it.)
 * @param image 8-bit interleaved pixels, or float planes from 0 to 1.
 * @returns 3 × height × width, values from 0 to 1.
 * @see fastai-spec §3.1
 * @example const { data: planes } = transformImage(image, drawTransforms([rotate({ degrees: 10 })], new Random(1)));
 */
export function transformImage(
  image: RgbImage | FloatImage,
  resolved: readonly ResolvedTransform[],
  options: ApplyOptions = {},
): FloatImage {
  const source = image.data instanceof Float32Array ? interleaved(image as FloatImage) : bytes(image as RgbImage);
  const plan = planTransforms(image, resolved, options);
  const data = new Float32Array(3 * plan.size.height * plan.size.width);
  renderImage(data, 0, source, plan, unitStats, new ResizePlans());
  return { data, ...plan.size };
}

/**
 * Applies resolved transforms to a mask; the class of each pixel is that of the nearest one.
 * @see fastai-spec §3.1
 * @example const ids = transformMask(mask, drawTransforms([flipLr()], new Random(1)), { size: 224 });
 */
export function transformMask(mask: Ids, resolved: readonly ResolvedTransform[], options: ApplyOptions = {}): IdPlane {
  const plan = planTransforms(mask, resolved, options);
  const data = new Int32Array(plan.size.height * plan.size.width);
  renderMask(data, 0, mask, plan, new ResizePlans());
  return { data, ...plan.size };
}

/** An image and its mask after the same random transforms. */
export interface TransformedPair {
  /** The transformed image. */
  readonly image: FloatImage;
  /** Its mask. */
  readonly mask: IdPlane;
}

/**
 * Draws the parameters of transforms once and applies them to an image and its mask alike.
 * @throws DataError for an image and a mask of different sizes.
 * @see fastai-spec §3.1
 * @example
 * const [train] = getTransforms();
 * const pair = applyTransforms({ image, mask }, train, { size: [360, 480] }, new Random(1));
 */
export function applyTransforms(
  { image, mask }: { readonly image: RgbImage | FloatImage; readonly mask: Ids },
  transforms: readonly TransformSpec[],
  options: ApplyOptions,
  random: Random,
): TransformedPair {
  if (!sameSize(image, mask)) {
    throw new DataError(`transforms: a mask of ${sizeText(mask)} does not fit its image of ${sizeText(image)}`);
  }
  const resolved = drawTransforms(transforms, random);
  return { image: transformImage(image, resolved, options), mask: transformMask(mask, resolved, options) };
}

function interleaved({ data, height, width }: FloatImage): Source {
  const pixels = height * width;
  const mixed = Float32Array.from(data, (_, i) => data[(i % 3) * pixels + Math.floor(i / 3)]!);
  return { data: mixed, height, width, white: 1 };
}
