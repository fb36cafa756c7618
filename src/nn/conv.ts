import { conv2d, type PaddedConvOptions, pair, type Size2d } from "../graph/ops/conv.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Init, uniformFanIn } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { plainWeight, type Weight, type WeightKind } from "./weight.ts";

export interface Conv2dOptions extends PaddedConvOptions {
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

/** 2-d convolution with weight [out, in / groups, kh, kw] and bias [out]: [N, in, H, W] → [N, out, H′, W′]. */
export class Conv2d extends Layer {
  readonly weight: Weight;
  readonly bias: Parameter | null;
  readonly #options: PaddedConvOptions;

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
