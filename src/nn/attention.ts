import { softmax } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { add, mul } from "../graph/ops/elementwise.ts";
import { matmul } from "../graph/ops/matmul.ts";
import { reshape } from "../graph/ops/movement.ts";
import type { Tensor } from "../graph/tensor.ts";
import { kaimingNormal, zeros } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { spectralNorm, type Weight } from "./weight.ts";

/**
 * Self-attention over the positions of x [N, C, H, W] (Zhang et al. 2019, as in fastai v1): γ · v·A + x with
 * A = softmax(qᵀk) over the positions of q. γ starts at 0, so that the layer starts as the identity. Memory grows with
 * (H·W)².
 * @example const attention = new SelfAttention(64); // [N, 64, H, W] → [N, 64, H, W]
 */
export class SelfAttention extends Layer {
  /** How much of the attention is added, [1]; at first 0. */
  readonly gamma: Parameter = new Parameter([1], "weight", zeros);
  /** 1×1 convolution to channels / 8: what a position looks for. */
  readonly query: Projection;
  /** 1×1 convolution to channels / 8: what a position is found by. */
  readonly key: Projection;
  /** 1×1 convolution to all channels: what is taken from a position. */
  readonly value: Projection;

  /** Self-attention over so many channels, 8 at least. */
  constructor(channels: number) {
    super();
    this.query = new Projection(channels, Math.floor(channels / 8));
    this.key = new Projection(channels, Math.floor(channels / 8));
    this.value = new Projection(channels, channels);
  }

  override members(): Members {
    return { gamma: this.gamma, query: this.query, key: this.key, value: this.value };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const scores = matmul(this.query.forward(x, context), this.key.forward(x, context), { transposeA: true });
    const mixed = matmul(this.value.forward(x, context), softmax(scores, 1));
    return add(mul(reshape(mixed, x.shape), this.gamma.tensor), x);
  }
}

/** A spectral-normed 1×1 convolution with its output's positions as one axis: [N, in, H, W] → [N, out, H·W]. */
class Projection extends Layer {
  readonly #weight: Weight;

  constructor(inChannels: number, outChannels: number) {
    super();
    // Three axes, because PyTorch's layer is a Conv1d.
    this.#weight = spectralNorm([outChannels, inChannels, 1], kaimingNormal("fan_in"));
  }

  override members(): Members {
    return this.#weight.members;
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const weight = this.#weight.tensor(context);
    const y = conv2d(x, reshape(weight, [...weight.shape, 1]));
    return reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[2]! * y.shape[3]!]);
  }
}
