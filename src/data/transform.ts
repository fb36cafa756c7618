import type { Random } from "../util/random.ts";
import type { IdMask, RgbImage, Size } from "./image.ts";
import { planResize, resizeImageInto, resizeMaskInto } from "./resample.ts";
import type { ChannelScale, ResizePlan } from "./resample.ts";

/** Mean and standard deviation per channel (red, green, blue) of pixels in [0, 1]. */
export interface ChannelStats {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The statistics of ImageNet, which pretrained encoders expect (torchvision). */
export const imagenetStats: ChannelStats = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The parameters of every transform. A new transform is a line here, one in `rules` and one in `Drawn`. */
interface TransformParameters {
  readonly flipHorizontal: {
    /** The probability, 0–1. */
    readonly p: number;
  };
}

type Kind = keyof TransformParameters;

/** A random transform of image and mask together, as plain data. */
export type TransformSpec<K extends Kind = Kind> = {
  readonly [P in K]: { readonly kind: P } & TransformParameters[P];
}[K];

/** How a sample is made from an image and its mask: plain data that crosses thread borders. */
export interface SampleSpec {
  /** Height and width of the result, in pixels; image and mask are squeezed into it. */
  readonly size: readonly [height: number, width: number];
  readonly transforms: readonly TransformSpec[];
  readonly stats: ChannelStats;
}

/** What was drawn for one sample: what is to be done to its image and mask. */
export interface Drawn {
  readonly mirror: boolean;
}

const untouched: Drawn = { mirror: false };

type Rule<K extends Kind> = (drawn: Drawn, parameters: TransformParameters[K], random: Random) => Drawn;

/** How each transform changes what is to be done. A rule draws the same number of times whatever it draws. */
const rules: { readonly [K in Kind]: Rule<K> } = {
  flipHorizontal: (drawn, { p }, random) => (random.chance(p) ? { ...drawn, mirror: !drawn.mirror } : drawn),
};

/** Left and right swapped with probability `p` (fastai `flip_lr`). */
export function flipHorizontal(p = 0.5): TransformSpec {
  return { kind: "flipHorizontal", p };
}

/** Draws the parameters of all transforms, in their order. */
export function drawTransforms(transforms: readonly TransformSpec[], random: Random): Drawn {
  return transforms.reduce((drawn, spec) => applyRule(drawn, spec, random), untouched);
}

function applyRule<K extends Kind>(drawn: Drawn, spec: TransformSpec<K>, random: Random): Drawn {
  return rules[spec.kind](drawn, spec, random);
}

/** Remembers the resize plans of the sizes met so far; one per thread. */
export class ResizePlans {
  readonly #plans = new Map<string, ResizePlan>();

  get(from: Size, [height, width]: SampleSpec["size"]): ResizePlan {
    const key = `${from.height} ${from.width} ${height} ${width}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = planResize(from, { height, width });
      if (this.#plans.size >= 64) this.#plans.clear();
      this.#plans.set(key, plan);
    }
    return plan;
  }
}

/** Where one sample goes: its image as 3 × height × width and its mask as height × width, each from an offset on. */
export interface SampleTarget {
  readonly images: Float32Array;
  readonly imageOffset: number;
  readonly masks: Int32Array;
  readonly maskOffset: number;
}

/** Resizes, transforms and normalises an image and its mask, of one size, into `target`. */
export function writeSample(
  target: SampleTarget,
  image: RgbImage,
  mask: IdMask,
  spec: SampleSpec,
  random: Random,
  plans: ResizePlans,
): void {
  const { mirror } = drawTransforms(spec.transforms, random);
  const plan = plans.get(image, spec.size);
  resizeImageInto(target.images, target.imageOffset, image, plan, channelScale(spec.stats), mirror);
  resizeMaskInto(target.masks, target.maskOffset, mask, plan, mirror);
}

/**
 * An image alone, resized and normalised but not transformed at random: what a model is given to predict.
 * @returns 3 × height × width.
 */
export function prepareImage(image: RgbImage, spec: Pick<SampleSpec, "size" | "stats">): Float32Array {
  const [height, width] = spec.size;
  const out = new Float32Array(3 * height * width);
  resizeImageInto(out, 0, image, planResize(image, { height, width }), channelScale(spec.stats));
  return out;
}

/** Pixels (v/255 − mean) / std, as 3 × height × width. */
export function normalize(image: RgbImage, stats: ChannelStats): Float32Array {
  return prepareImage(image, { size: [image.height, image.width], stats });
}

/** The picture that `normalize` was given: `planes` is 3 × height × width; out-of-range values are clamped. */
export function denormalize(planes: Float32Array, { height, width }: Size, { mean, std }: ChannelStats): RgbImage {
  const pixels = height * width;
  const data = new Uint8Array(pixels * 3);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) {
      const value = Math.round((planes[c * pixels + i]! * std[c]! + mean[c]!) * 255);
      data[3 * i + c] = Math.min(Math.max(value, 0), 255);
    }
  }
  return { data, height, width };
}

function channelScale({ mean, std }: ChannelStats): ChannelScale {
  return {
    scale: [1 / (255 * std[0]), 1 / (255 * std[1]), 1 / (255 * std[2])],
    shift: [-mean[0] / std[0], -mean[1] / std[1], -mean[2] / std[2]],
  };
}
