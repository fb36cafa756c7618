import type { RgbImage, Size } from "../image.ts";
import type { ChannelScale } from "../resample.ts";

/** Mean and standard deviation per channel (red, green, blue) of pixels in [0, 1]. */
export interface ChannelStats {
  /** Mean of red, green and blue. */
  readonly mean: readonly [number, number, number];
  /** Standard deviation of red, green and blue. */
  readonly std: readonly [number, number, number];
}

/** The statistics of ImageNet, which pretrained encoders expect (torchvision). */
export const imagenetStats: ChannelStats = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The statistics of CIFAR-10 as fastai 1.0 rounds them. */
export const cifarStats: ChannelStats = { mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.261] };

/** The statistics of MNIST, the same for all three channels (fastai 1.0). */
export const mnistStats: ChannelStats = { mean: [0.131, 0.131, 0.131], std: [0.308, 0.308, 0.308] };

/** No normalisation: values stay in [0, 1]. */
export const unitStats: ChannelStats = { mean: [0, 0, 0], std: [1, 1, 1] };

/** The map from values of 0 to `white` to normalised ones, (v / white − mean) / std. */
export function channelScale({ mean, std }: ChannelStats, white: number): ChannelScale {
  return {
    scale: [1 / (white * std[0]), 1 / (white * std[1]), 1 / (white * std[2])],
    shift: [0 - mean[0] / std[0], 0 - mean[1] / std[1], 0 - mean[2] / std[2]],
  };
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
