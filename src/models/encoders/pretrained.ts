import type { EncoderName } from "./index.ts";

/** A file of published weights. */
export interface PretrainedSource {
  /** Where the authors publish it. */
  readonly url: string;
  /** The first digits of its SHA-256, which its name carries. */
  readonly sha256: string;
  /**
   * Mean and standard deviation (red, green, blue, of pixels in 0–1) that pictures were normalised with in its
   * training.
   */
  readonly stats: PictureStats;
}

interface PictureStats {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

const imagenet: PictureStats = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const torchvision = (name: string, sha256: string): PretrainedSource => ({
  url: `https://download.pytorch.org/models/${name}-${sha256}.pth`,
  sha256,
  stats: imagenet,
});

/**
 * Weights trained on ImageNet for every encoder: torchvision's newest, and for EfficientNet-Lite0 those of TensorFlow's
 * authors in timm's release.
 * @example const { url, stats } = pretrainedSources.efficientnetLite0;
 */
export const pretrainedSources: Readonly<Record<EncoderName, PretrainedSource>> = {
  resnet18: torchvision("resnet18", "f37072fd"),
  resnet34: torchvision("resnet34", "b627a593"),
  resnet50: torchvision("resnet50", "11ad3fa6"),
  resnet101: torchvision("resnet101", "cd907fc2"),
  mobilenetV3Large: torchvision("mobilenet_v3_large", "5c1a4163"),
  efficientnetLite0: {
    url: "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/tf_efficientnet_lite0-0aa007d2.pth",
    sha256: "0aa007d2",
    stats: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
};
