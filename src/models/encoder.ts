import type { Tensor } from "../graph/tensor.ts";
import { type ForwardContext, Module } from "../nn/module.ts";

/** A backbone: pictures to features at falling resolution, from which a decoder builds its masks. */
export abstract class Encoder extends Module {
  /** Channels of the pictures it takes. */
  abstract readonly inputChannels: number;
  /** Channels of each feature, from shallow to deep. */
  abstract readonly channels: readonly [number, number, ...number[]];
  /** How many pixels of the picture one pixel of each feature stands for, along an axis. */
  abstract readonly strides: readonly [number, number, ...number[]];
  /** The first member of the second layer group; null to train the encoder as one group. */
  abstract readonly secondGroup: string | null;
  /** torchvision's names of its members, by its own; null if torchvision has no such network. */
  abstract readonly torchvisionMembers: Readonly<Record<string, string>> | null;

  /** x [N, inputChannels, H, W] to its features, each [N, channels[i], ⌈H/strides[i]⌉, ⌈W/strides[i]⌉]. */
  abstract features(x: Tensor, context: ForwardContext): Tensor[];
}
