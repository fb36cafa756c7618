import { ResNet } from "../../models/encoders/resnet.ts";
import { type UNet, unet } from "../../models/unet/unet.ts";

/** How a training goes that takes a minute without a GPU. */
export const recipe = {
  trainScenes: 96,
  validScenes: 16,
  /** Of those that validate, so many are shown. */
  shownScenes: 4,
  batchSize: 4,
  /** The highest of one cycle. */
  learningRate: 2e-2,
} as const;

/** What the network is, in words. */
export const architecture = "U-Net, ResNet of four blocks and width 8";

/** A U-Net of 0.4 million parameters. */
export function smallUnet(classes: number): UNet {
  return unet({ encoder: new ResNet([1, 1, 1, 1], { width: 8 }), classes, normType: "batch" });
}
