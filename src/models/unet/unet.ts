import { relu, sigmoid } from "../../graph/ops/activation.ts";
import { add, mul } from "../../graph/ops/elementwise.ts";
import { concat } from "../../graph/ops/movement.ts";
import { resize } from "../../graph/ops/resize.ts";
import { showShape } from "../../graph/shape.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { BatchNorm2d } from "../../nn/batch-norm.ts";
import { ConvLayer, type NormType } from "../../nn/conv-layer.ts";
import type { ForwardContext, Members, Module } from "../../nn/module.ts";
import { PixelShuffleIcnr } from "../../nn/pixel-shuffle.ts";
import { Sequential } from "../../nn/sequential.ts";
import { ConfigError, ShapeError } from "../../util/errors.ts";
import { type EncoderChoice, encoderName, encoderNamed } from "../encoders/index.ts";
import { Encoder, type PublishedNames } from "../encoder.ts";
import { requireSize, SegmentationModel } from "../model.ts";
import { decoderNorm, ResBlock, sizeOfPicture, UnetBlock } from "./decoder.ts";

/** What a U-Net is made of; defaults are fastai's, without `normType`. (fastai-spec §4.1.) */
export interface UnetOptions {
  /** The encoder's name, its entry of the table, or an encoder itself. */
  readonly encoder: EncoderChoice | Encoder;
  /** Channels of the pictures, of an encoder of the table: 3 for RGB (default). */
  readonly channels?: number;
  /** Number of classes. */
  readonly classes: number;
  /** Blurs what each block upsamples. Default false. */
  readonly blur?: boolean;
  /** Whether `blur` reaches the last block. Default true. */
  readonly blurFinal?: boolean;
  /** Self-attention after the third block from the end. Default false. */
  readonly selfAttention?: boolean;
  /** Holds every logit between two numbers, by a sigmoid. Default null. */
  readonly yRange?: readonly [low: number, high: number] | null;
  /** Lays the picture beside the last feature and mixes both by a residual block. Default true. */
  readonly lastCross?: boolean;
  /** Halves the channels inside that block. Default false. */
  readonly bottle?: boolean;
  /** Normalisation of the decoder's convolutions. Default null: none. */
  readonly normType?: NormType | null;
}

/**
 * fastai v1's DynamicUnet: a U-Net (Ronneberger et al. 2015) over any encoder, with pixel-shuffle upsampling, from
 * pictures [N, 3, H, W] to logits [N, classes, H, W]. Parameters are named as fastai names them in a network built for
 * even sizes; the same weights serve every size, odd ones too. Throws a ConfigError for options that make no network.
 * (fastai-spec §4.3.)
 * @example const model = unet({ encoder: "resnet34", classes: 12, selfAttention: true });
 */
export function unet(options: UnetOptions): UNet {
  return new UNet(options);
}

export class UNet extends SegmentationModel {
  readonly encoder: Encoder;
  readonly classes: number;
  readonly architecture: Readonly<Record<string, unknown>>;
  readonly norm: BatchNorm2d;
  readonly middle: Sequential;
  readonly blocks: readonly UnetBlock[];
  /** Doubles the size once more; null if the encoder's first feature has the picture's size. */
  readonly shuffle: PixelShuffleIcnr | null;
  /** Mixes the picture in; null without `lastCross`. */
  readonly cross: ResBlock | null;
  readonly head: ConvLayer;
  readonly #yRange: readonly [number, number] | null;

  constructor(options: UnetOptions) {
    super();
    const { encoder, classes, normType = null, lastCross = true, bottle = false, yRange = null } = options;
    const own = encoder instanceof Encoder;
    this.encoder = own ? encoder : encoderNamed(encoderName(encoder), options);
    this.classes = classes;
    const { classes: _, ...architecture } = options;
    this.architecture = { ...architecture, encoder: own ? encoder : encoderName(encoder) };
    this.#yRange = yRange;
    checkOptions(options, this.encoder);
    const deepest = this.encoder.channels.at(-1)!;
    this.norm = decoderNorm(deepest);
    this.middle = new Sequential(
      new ConvLayer(deepest, 2 * deepest, { normType }),
      new ConvLayer(2 * deepest, deepest, { normType }),
    );
    this.blocks = unetBlocks(this.encoder, options);
    const channels = this.blocks.at(-1)!.outChannels;
    this.shuffle = this.encoder.strides[0] > 1 ? new PixelShuffleIcnr(channels, channels, { normType }) : null;
    const width = lastCross ? channels + this.encoder.inputChannels : channels;
    this.cross = lastCross ? new ResBlock(width, { bottle, normType }) : null;
    this.head = new ConvLayer(width, classes, { kernel: 1, activation: false, normType });
  }

  /** fastai puts a layer more behind the last shuffle of a network that it builds for an odd size. */
  override get published(): readonly PublishedNames[] {
    const own = { source: "segkit's and fastai's", rename: (name: string) => name };
    if (!this.shuffle) return [own];
    const last = 4 + this.blocks.length;
    const rename = (name: string): string =>
      name.replace(/^layers\.(\d+)/, (same, n: string) => (Number(n) > last ? `layers.${Number(n) + 1}` : same));
    return [own, { source: "fastai's of a network built for an odd size", rename }];
  }

  get minimumSize(): number {
    return this.encoder.strides.at(-1)!;
  }

  override members(): Members {
    // fastai's list of layers; null stands for those without parameters, which count for the names all the same.
    const layers: readonly (Module | null)[] = [
      this.encoder,
      this.norm,
      null,
      this.middle,
      ...this.blocks,
      ...(this.shuffle ? [this.shuffle] : []),
      ...(this.cross ? [null, this.cross] : []),
      this.head,
    ];
    return Object.fromEntries(layers.flatMap((layer, i) => (layer ? [[`layers.${i}`, layer]] : [])));
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const { inputChannels } = this.encoder;
    if (x.rank !== 4 || x.shape[1] !== inputChannels)
      throw new ShapeError(`unet: expected pictures [N, ${inputChannels}, H, W], but received ${showShape(x.shape)}`);
    requireSize(this, sizeOfPicture(x));
    const features = this.encoder.features(x, context);
    const [deepest, ...skips] = features.toReversed() as [Tensor, ...Tensor[]];
    let y = this.middle.forward(relu(this.norm.forward(deepest, context)), context);
    for (const [i, block] of this.blocks.entries()) y = block.forward(y, skips[i]!, context);
    if (this.shuffle) y = resize(this.shuffle.forward(y, context), sizeOfPicture(x), "nearest");
    if (this.cross) y = this.cross.forward(concat([y, x], 1), context);
    const logits = this.head.forward(y, context);
    if (!this.#yRange) return logits;
    const [low, high] = this.#yRange;
    return add(mul(sigmoid(logits), high - low), low);
  }
}

function unetBlocks(encoder: Encoder, options: UnetOptions): UnetBlock[] {
  const { blur = false, blurFinal = true, selfAttention = false, normType = null } = options;
  const [deepest, ...skips] = encoder.channels.toReversed() as [number, ...number[]];
  let channels = deepest;
  return skips.map((skip, i) => {
    const last = i === skips.length - 1;
    const block = new UnetBlock(channels, skip, {
      normType,
      blur: blur && (blurFinal || !last),
      selfAttention: selfAttention && i === skips.length - 3,
      halve: last,
    });
    channels = block.outChannels;
    return block;
  });
}

function checkOptions({ classes, yRange, selfAttention }: UnetOptions, encoder: Encoder): void {
  if (!Number.isInteger(classes) || classes < 1)
    throw new ConfigError(`unet: expected at least one class, but received ${classes}`);
  if (yRange && !(yRange[0] < yRange[1]))
    throw new ConfigError(`unet: expected a yRange of a lower and a higher number, but received ${yRange.join(", ")}`);
  if (selfAttention && encoder.channels.length < 4)
    throw new ConfigError(
      `unet: expected an encoder of at least 4 features for selfAttention, but it has ${encoder.channels.length}`,
      { hint: "Leave selfAttention out." },
    );
}
