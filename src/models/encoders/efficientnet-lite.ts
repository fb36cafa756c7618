import { relu6 } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/elementwise.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import { Conv2d } from "../../nn/conv.ts";
import { kaimingNormal } from "../../nn/init.ts";
import { type ForwardContext, Layer, type Members } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";
import { Encoder, type EncoderOptions, type PublishedNames } from "../encoder.ts";

/** A stage: its blocks, their kernel width, the stride of the first, and their output channels. */
interface StageSpec {
  readonly depth: number;
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly channels: number;
}

/** Table 1 of the EfficientNet paper. */
const stages: readonly StageSpec[] = [
  { depth: 1, kernel: 3, stride: 1, channels: 16 },
  { depth: 2, kernel: 3, stride: 2, channels: 24 },
  { depth: 2, kernel: 5, stride: 2, channels: 40 },
  { depth: 3, kernel: 3, stride: 2, channels: 80 },
  { depth: 3, kernel: 5, stride: 1, channels: 112 },
  { depth: 4, kernel: 5, stride: 2, channels: 192 },
  { depth: 1, kernel: 3, stride: 1, channels: 320 },
];
const stemChannels = 32;
const expansion = 6;

/**
 * EfficientNet-Lite0 without its classifier and the 1×1 convolution before it (Tan & Le 2019; "Lite": no squeeze-and-
 * excitation, ReLU6). Names are those of timm's `tf_efficientnet_lite0`; padding is TensorFlow's. Its features are the
 * last of each resolution. Its published weights were trained on pictures normalised by mean 0.5 and deviation 0.5.
 */
export class EfficientNetLite0 extends Encoder {
  readonly inputChannels: number;
  readonly channels = [16, 24, 40, 112, 320] as const;
  readonly strides = [2, 4, 8, 16, 32] as const;
  override readonly firstWeight = "conv_stem.weight";
  readonly secondGroup = "blocks.3";
  readonly published = [{ source: "timm", rename: (own: string) => own }, flatNames()];
  readonly stem: Conv2d;
  readonly bn1: BatchNorm2d = norm(stemChannels);
  readonly blocks: Sequential = new Sequential(
    ...stages.map((spec, i) => stage(i === 0 ? stemChannels : stages[i - 1]!.channels, spec, i === 0)),
  );

  constructor({ channels = 3 }: EncoderOptions = {}) {
    super();
    this.inputChannels = channels;
    this.stem = conv(channels, stemChannels, 3, 2);
  }

  override members(): Members {
    return { conv_stem: this.stem, bn1: this.bn1, blocks: this.blocks };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const features: Tensor[] = [];
    let y = relu6(this.bn1.forward(this.stem.forward(x, context), context));
    for (const [i, blocks] of this.blocks.layers.entries()) {
      y = blocks.forward(y, context);
      if (stages[i + 1]?.stride !== 1) features.push(y);
    }
    return features;
  }
}

function stage(inChannels: number, { depth, kernel, stride, channels }: StageSpec, first: boolean): Sequential {
  return new Sequential(
    ...Array.from({ length: depth }, (_, i) => {
      const from = i === 0 ? inChannels : channels;
      const step = i === 0 ? stride : 1;
      return first ? new SeparableConv(from, channels, kernel) : new InvertedResidual(from, channels, kernel, step);
    }),
  );
}

/** Filters each channel by itself, then mixes them. */
class SeparableConv extends Layer {
  readonly #members: { conv_dw: Conv2d; bn1: BatchNorm2d; conv_pw: Conv2d; bn2: BatchNorm2d };

  constructor(inChannels: number, outChannels: number, kernel: number) {
    super();
    this.#members = {
      conv_dw: depthwise(inChannels, kernel, 1),
      bn1: norm(inChannels),
      conv_pw: conv(inChannels, outChannels, 1, 1),
      bn2: norm(outChannels),
    };
  }

  override members(): Members {
    return this.#members;
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const { conv_dw, bn1, conv_pw, bn2 } = this.#members;
    const filtered = relu6(bn1.forward(conv_dw.forward(x, context), context));
    return bn2.forward(conv_pw.forward(filtered, context), context);
  }
}

/** Expands the channels sixfold, filters each by itself and narrows them again; the input is added where it fits. */
class InvertedResidual extends Layer {
  readonly #members: {
    readonly conv_pw: Conv2d;
    readonly bn1: BatchNorm2d;
    readonly conv_dw: Conv2d;
    readonly bn2: BatchNorm2d;
    readonly conv_pwl: Conv2d;
    readonly bn3: BatchNorm2d;
  };
  readonly #residual: boolean;

  constructor(inChannels: number, outChannels: number, kernel: number, stride: number) {
    super();
    const inner = expansion * inChannels;
    this.#residual = stride === 1 && inChannels === outChannels;
    this.#members = {
      conv_pw: conv(inChannels, inner, 1, 1),
      bn1: norm(inner),
      conv_dw: depthwise(inner, kernel, stride),
      bn2: norm(inner),
      conv_pwl: conv(inner, outChannels, 1, 1),
      bn3: norm(outChannels),
    };
  }

  override members(): Members {
    return this.#members;
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const { conv_pw, bn1, conv_dw, bn2, conv_pwl, bn3 } = this.#members;
    const expanded = relu6(bn1.forward(conv_pw.forward(x, context), context));
    const filtered = relu6(bn2.forward(conv_dw.forward(expanded, context), context));
    const y = bn3.forward(conv_pwl.forward(filtered, context), context);
    return this.#residual ? add(y, x) : y;
  }
}

function conv(inChannels: number, outChannels: number, kernel: number, stride: number): Conv2d {
  const init = kaimingNormal("fan_out");
  return new Conv2d(inChannels, outChannels, { kernel, stride, padding: "same", bias: false, init });
}

function depthwise(channels: number, kernel: number, stride: number): Conv2d {
  // TensorFlow counts the outputs of one group only, which for one input channel is the fan-in.
  const init = kaimingNormal("fan_in");
  return new Conv2d(channels, channels, { kernel, stride, groups: channels, padding: "same", bias: false, init });
}

function norm(channels: number): BatchNorm2d {
  return new BatchNorm2d(channels, { eps: 1e-3 });
}

/** The names of TensorFlow's ports to PyTorch that number all blocks in one row (`efficientnet_lite_pytorch`). */
function flatNames(): PublishedNames {
  const separable = { conv_dw: "_depthwise_conv", bn1: "_bn1", conv_pw: "_project_conv", bn2: "_bn2" };
  const inverted = {
    ...{ conv_pw: "_expand_conv", bn1: "_bn0", conv_dw: "_depthwise_conv", bn2: "_bn1" },
    ...{ conv_pwl: "_project_conv", bn3: "_bn2" },
  };
  const outside: Readonly<Record<string, string>> = { conv_stem: "_conv_stem", bn1: "_bn0" };
  const before = (index: number): number => stages.slice(0, index).reduce((sum, { depth }) => sum + depth, 0);
  return {
    source: "efficientnet_lite_pytorch",
    rename: (own) => {
      const [first = "", ...rest] = own.split(".");
      if (first !== "blocks") return [outside[first] ?? first, ...rest].join(".");
      const [index, place, member = "", ...leaf] = rest;
      const members: Readonly<Record<string, string>> = index === "0" ? separable : inverted;
      return ["_blocks", before(Number(index)) + Number(place), members[member] ?? member, ...leaf].join(".");
    },
  };
}
