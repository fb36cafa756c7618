import { relu } from "../graph/ops/activation.ts";
import { padEdge } from "../graph/ops/movement.ts";
import { avgPool2d } from "../graph/ops/pool.ts";
import { pixelShuffle } from "../graph/ops/shuffle.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConvLayer, type NormType } from "./conv-layer.ts";
import { icnr, kaimingNormal } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";

/** What an upsampling is made of. */
export interface PixelShuffleIcnrOptions {
  /** Averages each pixel with its upper and left neighbours, against checkerboards (Sugawara et al. 2018). */
  readonly blur?: boolean;
  /** Normalisation of the 1×1 convolution, by its name in `norms`; default null: none. */
  readonly normType?: NormType | null;
}

/**
 * Upsampling to twice the size, [N, in, H, W] → [N, out, 2H, 2W]: 1×1 convolution to 4·out → ReLU → pixel shuffle →
 * blur. Before training it equals nearest-neighbour upsampling of the 1×1 convolution (ICNR), with every norm type;
 * fastai's weight norm forgets that at its first forward pass.
 * @example const up = new PixelShuffleIcnr(64, 32, { blur: true }); // [N, 64, H, W] → [N, 32, 2H, 2W]
 */
export class PixelShuffleIcnr extends Layer {
  /** The 1×1 convolution to 4·out channels. */
  readonly conv: ConvLayer;
  /** Whether neighbours are averaged afterwards. */
  readonly blur: boolean;

  /** An upsampling from `inChannels` to `outChannels`. */
  constructor(inChannels: number, outChannels: number, options: PixelShuffleIcnrOptions = {}) {
    super();
    const { blur = false, normType = null } = options;
    const init = icnr(kaimingNormal("fan_in"), 2);
    this.conv = new ConvLayer(inChannels, 4 * outChannels, { kernel: 1, normType, activation: false, init });
    this.blur = blur;
  }

  override members(): Members {
    return { conv: this.conv };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const y = pixelShuffle(relu(this.conv.forward(x, context)), 2);
    return this.blur
      ? avgPool2d(
          padEdge(y, [
            [0, 0],
            [0, 0],
            [1, 0],
            [1, 0],
          ]),
          2,
          { stride: 1 },
        )
      : y;
  }
}
