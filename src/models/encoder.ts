import type { Tensor } from "../graph/tensor.ts";
import { type ForwardContext, Module } from "../nn/module.ts";

/** How files of weights name the parameters of a network. */
export interface PublishedNames {
  /** Whose names they are, in words. */
  readonly source: string;
  /** The name in the file of what the network calls `own`. */
  readonly rename: (own: string) => string;
}

/** What an encoder is made for. */
export interface EncoderOptions {
  /** Channels of the pictures: 3 for RGB (default). */
  readonly channels?: number;
}

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
  /** The schemes by which published weights name its parameters; none if there are no such weights. */
  abstract readonly published: readonly PublishedNames[];
  /** The weight of its convolution over the picture, which can be fitted to other channels; null if there is none. */
  readonly firstWeight: string | null = null;

  /** x [N, inputChannels, H, W] to its features, each [N, channels[i], ⌈H/strides[i]⌉, ⌈W/strides[i]⌉]. */
  abstract features(x: Tensor, context: ForwardContext): Tensor[];
}

/** Names that differ from an encoder's own in their first part alone. */
export function renamedMembers(source: string, members: Readonly<Record<string, string>>): PublishedNames {
  return {
    source,
    rename: (own) => {
      const [first, ...rest] = own.split(".") as [string, ...string[]];
      return [members[first] ?? first, ...rest].join(".");
    },
  };
}
