import { hardSigmoid, hardSwish, relu } from "../../graph/ops/activation.ts";
import { add, mul } from "../../graph/ops/elementwise.ts";
import { mean } from "../../graph/ops/reduce.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import { Conv2d } from "../../nn/conv.ts";
import { kaimingNormal, zeros } from "../../nn/init.ts";
import { type ForwardContext, Layer, type Members } from "../../nn/module.ts";
import { Activation, Sequential } from "../../nn/sequential.ts";
import { Encoder, type EncoderOptions, renamedMembers } from "../encoder.ts";

/** One inverted residual block: kernel width, channels inside and after, squeeze-and-excitation, activation, stride. */
interface BlockSpec {
  readonly kernel: 3 | 5;
  readonly expanded: number;
  readonly out: number;
  readonly squeeze: boolean;
  readonly activation: (x: Tensor) => Tensor;
  readonly stride: 1 | 2;
}

const block = (
  kernel: 3 | 5,
  expanded: number,
  out: number,
  squeeze: boolean,
  activation: (x: Tensor) => Tensor,
  stride: 1 | 2,
): BlockSpec => ({ kernel, expanded, out, squeeze, activation, stride });

/** Table 1 of the paper. */
const large: readonly BlockSpec[] = [
  block(3, 16, 16, false, relu, 1),
  block(3, 64, 24, false, relu, 2),
  block(3, 72, 24, false, relu, 1),
  block(5, 72, 40, true, relu, 2),
  block(5, 120, 40, true, relu, 1),
  block(5, 120, 40, true, relu, 1),
  block(3, 240, 80, false, hardSwish, 2),
  block(3, 200, 80, false, hardSwish, 1),
  block(3, 184, 80, false, hardSwish, 1),
  block(3, 184, 80, false, hardSwish, 1),
  block(3, 480, 112, true, hardSwish, 1),
  block(3, 672, 112, true, hardSwish, 1),
  block(5, 672, 160, true, hardSwish, 2),
  block(5, 960, 160, true, hardSwish, 1),
  block(5, 960, 160, true, hardSwish, 1),
];

/**
 * MobileNetV3-Large without its classifier (Howard et al. 2019), as in torchvision, whose `features` are its only
 * member. Its features are the last of each resolution. The 1×1 convolution to 960 channels is left out with the
 * classifier that it feeds: over it the U-Net's middle alone would have 33 million weights.
 */
export class MobileNetV3Large extends Encoder {
  readonly inputChannels: number;
  readonly channels = [16, 24, 40, 112, 160] as const;
  readonly strides = [2, 4, 8, 16, 32] as const;
  override readonly firstWeight = "0.0.0.weight";
  readonly secondGroup = "0.7";
  readonly published = [renamedMembers("torchvision", { 0: "features" })];
  readonly layers: Sequential;

  constructor({ channels = 3 }: EncoderOptions = {}) {
    super();
    this.inputChannels = channels;
    this.layers = new Sequential(
      convNorm(channels, 16, { kernel: 3, stride: 2, activation: hardSwish }),
      ...large.map((spec, i) => new InvertedResidual(i === 0 ? 16 : large[i - 1]!.out, spec)),
    );
  }

  override members(): Members {
    return { 0: this.layers };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const features: Tensor[] = [];
    let y = x;
    for (const [i, layer] of this.layers.layers.entries()) {
      // The layer with index i is the block with index i − 1, and the next one that with index i.
      if (i > 0 && large[i]?.stride === 2) features.push((y = layer.forward(y, context)));
      else y = layer.forward(y, context);
    }
    return [...features, y];
  }
}

/** Expands the channels, filters each by itself, weighs them by squeeze-and-excitation, and narrows them again. */
class InvertedResidual extends Layer {
  readonly block: Sequential;
  readonly #residual: boolean;

  constructor(inChannels: number, { kernel, expanded, out, squeeze, activation, stride }: BlockSpec) {
    super();
    this.#residual = stride === 1 && inChannels === out;
    this.block = new Sequential(
      ...(expanded === inChannels ? [] : [convNorm(inChannels, expanded, { kernel: 1, activation })]),
      convNorm(expanded, expanded, { kernel, stride, groups: expanded, activation }),
      ...(squeeze ? [new SqueezeExcitation(expanded)] : []),
      convNorm(expanded, out, { kernel: 1 }),
    );
  }

  override members(): Members {
    return { block: this.block };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const y = this.block.forward(x, context);
    return this.#residual ? add(y, x) : y;
  }
}

/** Weighs each channel by two small layers over the means of all (Hu et al. 2018). */
class SqueezeExcitation extends Layer {
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;

  constructor(channels: number) {
    super();
    const squeezed = multipleOfEight(channels / 4);
    const options = { kernel: 1, init: kaimingNormal("fan_out"), biasInit: zeros };
    this.fc1 = new Conv2d(channels, squeezed, options);
    this.fc2 = new Conv2d(squeezed, channels, options);
  }

  override members(): Members {
    return { fc1: this.fc1, fc2: this.fc2 };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const squeezed = relu(this.fc1.forward(mean(x, [2, 3], true), context));
    return mul(x, hardSigmoid(this.fc2.forward(squeezed, context)));
  }
}

/** The nearest multiple of 8, but none below nine tenths of n. */
function multipleOfEight(n: number): number {
  const nearest = Math.max(8, Math.floor((n + 4) / 8) * 8);
  return nearest < 0.9 * n ? nearest + 8 : nearest;
}

interface ConvNormOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly activation?: (x: Tensor) => Tensor;
}

function convNorm(inChannels: number, outChannels: number, options: ConvNormOptions): Sequential {
  const { kernel, stride = 1, groups = 1, activation } = options;
  const geometry = { kernel, stride, groups, padding: (kernel - 1) / 2 };
  return new Sequential(
    new Conv2d(inChannels, outChannels, { ...geometry, bias: false, init: kaimingNormal("fan_out") }),
    new BatchNorm2d(outChannels, { eps: 1e-3, momentum: 0.01 }),
    ...(activation ? [new Activation(activation)] : []),
  );
}
