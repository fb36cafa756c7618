import { conv2d, type PaddedConvOptions, pair, type Size2d } from "../graph/ops/conv.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Init, uniformFanIn } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { plainWeight, type Weight, type WeightKind } from "./weight.ts";

/** Geometry of a convolution layer, and how its weights begin. */
export interface Conv2dOptions extends PaddedConvOptions {
  /** Height and width of the kernel, or one number for both. */
  readonly kernel: Size2d;
  /** Default true. */
  readonly bias?: boolean;
  /** How the weight starts; by default as in PyTorch, uniform in ±1/√fan-in. */
  readonly init?: Init;
  /** How the bias starts; by default as in PyTorch, uniform in ±1/√fan-in of the weight. */
  readonly biasInit?: Init;
  /** What the weight is made of: itself (default), weight norm or spectral norm. */
  readonly weight?: WeightKind;
}

/**
 * 2-d convolution with weight [out, in / groups, kh, kw] and bias [out]: [N, in, H, W] → [N, out, H′, W′].
 * @example const conv = new Conv2d(3, 64, { kernel: 3, padding: 1, bias: false }); // [N, 3, H, W] → [N, 64, H, W]
 */
export class Conv2d extends Layer {
  /** The kernels, [out, in / groups, kh, kw]. */
  readonly weight: Weight;
  /** One number per output channel, [out]; null without a bias. */
  readonly bias: Parameter | null;
  readonly #options: PaddedConvOptions;

  /** A convolution from `inChannels` to `outChannels`. */
  constructor(inChannels: number, outChannels: number, options: Conv2dOptions) {
    super();
    const { kernel, bias = true, init = uniformFanIn(), biasInit, weight = plainWeight, ...geometry } = options;
    const [kh, kw] = pair(kernel);
    const groupChannels = inChannels / (geometry.groups ?? 1);
    this.weight = weight([outChannels, groupChannels, kh, kw], init);
    this.bias = bias ? new Parameter([outChannels], "bias", biasInit ?? uniformFanIn(groupChannels * kh * kw)) : null;
    this.#options = geometry;
  }

  override members(): Members {
    return { ...this.weight.members, ...(this.bias && { bias: this.bias }) };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    return conv2d(x, this.weight.tensor(context), this.bias?.tensor ?? null, this.#options);
  }
}
