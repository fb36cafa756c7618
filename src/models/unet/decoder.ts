import { relu } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/elementwise.ts";
import { concat } from "../../graph/ops/movement.ts";
import { resize } from "../../graph/ops/resize.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import { ConvLayer, type NormType } from "../../nn/conv-layer.ts";
import { constantInit } from "../../nn/init.ts";
import { type ForwardContext, Layer, type Members, Module } from "../../nn/module.ts";
import { PixelShuffleIcnr } from "../../nn/pixel-shuffle.ts";

/** fastai's stand-alone batch norm, whose bias starts just above 0. */
export function decoderNorm(channels: number): BatchNorm2d {
  return new BatchNorm2d(channels, { biasInit: constantInit(1e-3) });
}

/** Height and width. */
export function sizeOfPicture(x: Tensor): readonly [height: number, width: number] {
  return [x.shape[2]!, x.shape[3]!];
}

export interface UnetBlockOptions {
  readonly normType: NormType | null;
  readonly blur: boolean;
  readonly selfAttention: boolean;
  /** Whether the block ends with half the channels that come together in it, as the last one does. */
  readonly halve: boolean;
}

/**
 * One step up of the decoder: doubles the size of `up`, lays the encoder's feature of that size beside it, and mixes
 * the two by two convolutions.
 */
export class UnetBlock extends Module {
  readonly outChannels: number;
  readonly shuf: PixelShuffleIcnr;
  readonly bn: BatchNorm2d;
  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;

  constructor(upChannels: number, skipChannels: number, options: UnetBlockOptions) {
    super();
    const { normType, blur, selfAttention, halve } = options;
    const half = Math.floor(upChannels / 2);
    const inChannels = half + skipChannels;
    this.outChannels = halve ? Math.floor(inChannels / 2) : inChannels;
    this.shuf = new PixelShuffleIcnr(upChannels, half, { blur, normType });
    this.bn = decoderNorm(skipChannels);
    this.conv1 = new ConvLayer(inChannels, this.outChannels, { normType });
    this.conv2 = new ConvLayer(this.outChannels, this.outChannels, { normType, selfAttention });
  }

  override members(): Members {
    const { shuf, bn, conv1, conv2 } = this;
    return { shuf, bn, conv1, conv2 };
  }

  forward(up: Tensor, skip: Tensor, context: ForwardContext): Tensor {
    const larger = resize(this.shuf.forward(up, context), sizeOfPicture(skip), "nearest");
    // fastai puts the ReLU after the concatenation; the upsampled half has no negative values left to cut.
    const x = concat([larger, relu(this.bn.forward(skip, context))], 1);
    return this.conv2.forward(this.conv1.forward(x, context), context);
  }
}

/** Two convolutions around which the input is added (fastai's `res_block`); `bottle` halves the channels between. */
export class ResBlock extends Layer {
  readonly #layers: readonly [ConvLayer, ConvLayer];

  constructor(
    channels: number,
    { bottle, normType }: { readonly bottle: boolean; readonly normType: NormType | null },
  ) {
    super();
    const inner = bottle ? Math.floor(channels / 2) : channels;
    this.#layers = [new ConvLayer(channels, inner, { normType }), new ConvLayer(inner, channels, { normType })];
  }

  override members(): Members {
    return { "layers.0": this.#layers[0], "layers.1": this.#layers[1] };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const [first, second] = this.#layers;
    return add(second.forward(first.forward(x, context), context), x);
  }
}
