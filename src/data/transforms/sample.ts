import { DataError } from "../../util/errors.ts";
import type { Random } from "../../util/random.ts";
import { sameSize, sizeText } from "../image.ts";
import type { IdMask, RgbImage, Size } from "../image.ts";
import { drawTransforms, planTransforms } from "./draw.ts";
import type { ChannelStats } from "./normalize.ts";
import type { ApplyOptions, Plan } from "./plan.ts";
import { ResizePlans, renderImage, renderMask } from "./render.ts";
import type { Source } from "./render.ts";
import type { ResolvedTransform, TransformSpec } from "./table.ts";

/** How a sample is made from an image and its mask: plain data that crosses thread borders. */
export interface SampleSpec extends ApplyOptions {
  readonly transforms: readonly TransformSpec[];
  readonly stats: ChannelStats;
  /** Whether masks go through the same transforms; true where left out. With false they must fit as they are. */
  readonly tfmY?: boolean;
}

/** Where one sample goes: its image as 3 × height × width and its mask as height × width, each from an offset on. */
export interface SampleTarget {
  readonly images: Float32Array;
  readonly imageOffset: number;
  readonly masks: Int32Array;
  readonly maskOffset: number;
}

/** Draws the transforms of one sample and works out what they do to its picture; the plan knows the resulting size. */
export function planSample(from: Size, spec: SampleSpec, random: Random): Plan {
  return planTransforms(from, drawTransforms(spec.transforms, random), spec);
}

/**
 * Transforms and normalises an image and its mask as planned, into `target`.
 * @param mask null for a picture without one: nothing is written then.
 * @throws DataError if masks are not transformed and this one does not fit.
 */
export function writePlanned(
  target: SampleTarget,
  image: RgbImage,
  mask: IdMask | null,
  plan: Plan,
  spec: Pick<SampleSpec, "stats" | "tfmY">,
  plans: ResizePlans,
): void {
  renderImage(target.images, target.imageOffset, bytes(image), plan, spec.stats, plans);
  if (mask === null) return;
  if (spec.tfmY ?? true) renderMask(target.masks, target.maskOffset, mask, plan, plans);
  else if (sameSize(mask, plan.size)) target.masks.set(mask.data, target.maskOffset);
  else {
    throw new DataError(`a mask of ${sizeText(mask)} does not fit its transformed image of ${sizeText(plan.size)}`, {
      hint: "Leave tfmY at true, so that masks are transformed with their images.",
    });
  }
}

/** Resizes, transforms and normalises an image and its mask, of one size, into `target`. */
export function writeSample(
  target: SampleTarget,
  image: RgbImage,
  mask: IdMask | null,
  spec: SampleSpec,
  random: Random,
  plans: ResizePlans,
): void {
  writePlanned(target, image, mask, planSample(image, spec, random), spec, plans);
}

/** What an image is prepared with: where to resize it to, and the statistics to normalise it with. */
export type PrepareOptions = ApplyOptions & { readonly stats: ChannelStats };

/**
 * An image alone, resized and normalised but not transformed at random: what a model is given to predict.
 * @param resolved transforms to apply nevertheless, such as the flips of test-time augmentation.
 * @param plans kept from picture to picture, it spares work; with a sampler, SIMD code resizes.
 * @returns 3 × height × width.
 */
export function prepareImage(
  image: RgbImage,
  options: PrepareOptions,
  resolved: readonly ResolvedTransform[] = [],
  plans: ResizePlans = new ResizePlans(),
): Float32Array {
  const plan = planTransforms(image, resolved, options);
  const out = new Float32Array(3 * plan.size.height * plan.size.width);
  renderImage(out, 0, bytes(image), plan, options.stats, plans);
  return out;
}

/** Pixels (v/255 − mean) / std, as 3 × height × width. */
export function normalize(image: RgbImage, stats: ChannelStats): Float32Array {
  return prepareImage(image, { size: [image.height, image.width], stats });
}

/** 8-bit pixels as a source of rendering. */
export function bytes(image: RgbImage): Source {
  return { data: image.data, height: image.height, width: image.width, white: 255 };
}
