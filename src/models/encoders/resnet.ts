import { relu } from "../../graph/ops/activation.ts";
import { maxPool2d } from "../../graph/ops/pool.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import type { Conv2d } from "../../nn/conv.ts";
import type { ForwardContext, Members } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";
import { ConfigError } from "../../util/errors.ts";
import { Encoder, type EncoderOptions, renamedMembers } from "../encoder.ts";
import { blocks, plainConv } from "./resnet-blocks.ts";

/** Blocks in each of the four stages. */
export type ResNetDepths = readonly [number, number, number, number];

/** What a ResNet is made of, besides the depth of its stages. */
export interface ResNetOptions extends EncoderOptions {
  /** The kind of its blocks; default "basic", as in ResNet-18. */
  readonly block?: keyof typeof blocks;
  /** Channels of the stem; each stage after the first doubles the width of its blocks. Default 64, as published. */
  readonly width?: number;
}

/**
 * ResNet without its classifier (He et al. 2016), as in torchvision. Its members are numbered as the children of
 * torchvision's model: 0 conv1, 1 bn1, 2 relu, 3 maxpool, 4–7 layer1–layer4. The features are the stem, before the
 * pooling, and the four stages. A narrow one of few blocks learns small pictures without a GPU.
 * @example const model = unet({ encoder: new ResNet([1, 1, 1, 1], { width: 8 }), classes: 12 });
 */
export class ResNet extends Encoder {
  readonly inputChannels: number;
  readonly channels: readonly [number, number, number, number, number];
  readonly strides = [2, 4, 8, 16, 32] as const;
  override readonly firstWeight = "0.weight";
  readonly secondGroup = "6";
  readonly published = [
    renamedMembers("torchvision", { 0: "conv1", 1: "bn1", 4: "layer1", 5: "layer2", 6: "layer3", 7: "layer4" }),
  ];
  readonly #conv1: Conv2d;
  readonly #bn1: BatchNorm2d;
  readonly #layer1: Sequential;
  readonly #layer2: Sequential;
  readonly #layer3: Sequential;
  readonly #layer4: Sequential;

  /** @throws ConfigError for a width below 1. */
  constructor(depths: ResNetDepths, { channels = 3, block = "basic", width = 64 }: ResNetOptions = {}) {
    super();
    if (!Number.isInteger(width) || width < 1)
      throw new ConfigError(`ResNet: expected a width of at least 1, but received ${width}`);
    this.inputChannels = channels;
    const { expansion, make } = blocks[block];
    const stage = (inChannels: number, inner: number, depth: number, stride: number): Sequential =>
      new Sequential(
        ...Array.from({ length: depth }, (_, i) =>
          i === 0 ? make(inChannels, inner, stride) : make(expansion * inner, inner, 1),
        ),
      );
    const wide = expansion * width;
    this.channels = [width, wide, 2 * wide, 4 * wide, 8 * wide];
    this.#conv1 = plainConv(channels, width, 7, 2);
    this.#bn1 = new BatchNorm2d(width);
    this.#layer1 = stage(width, width, depths[0], 1);
    this.#layer2 = stage(wide, 2 * width, depths[1], 2);
    this.#layer3 = stage(2 * wide, 4 * width, depths[2], 2);
    this.#layer4 = stage(4 * wide, 8 * width, depths[3], 2);
  }

  override members(): Members {
    return { 0: this.#conv1, 1: this.#bn1, 4: this.#layer1, 5: this.#layer2, 6: this.#layer3, 7: this.#layer4 };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const stem = relu(this.#bn1.forward(this.#conv1.forward(x, context), context));
    const c2 = this.#layer1.forward(maxPool2d(stem, 3, { stride: 2, padding: 1 }), context);
    const c3 = this.#layer2.forward(c2, context);
    const c4 = this.#layer3.forward(c3, context);
    return [stem, c2, c3, c4, this.#layer4.forward(c4, context)];
  }
}
