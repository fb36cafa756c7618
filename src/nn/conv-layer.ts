import type { Tensor } from "../graph/tensor.ts";
import { SelfAttention } from "./attention.ts";
import { BatchNorm2d } from "./batch-norm.ts";
import { Conv2d } from "./conv.ts";
import { type Init, kaimingNormal, zeros } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Relu, Sequential } from "./sequential.ts";
import { plainWeight, spectralNorm, weightNorm, type WeightKind } from "./weight.ts";

interface Norm {
  readonly weight: WeightKind;
  readonly batchNorm: boolean;
}

/** Normalisations of a ConvLayer, by fastai's names. Its "batchZero" does not start the scale at 0: it is "batch". */
export const norms = {
  batch: { weight: plainWeight, batchNorm: true },
  batchZero: { weight: plainWeight, batchNorm: true },
  weight: { weight: weightNorm, batchNorm: false },
  spectral: { weight: spectralNorm, batchNorm: false },
} as const satisfies Record<string, Norm>;

/** The name of a normalisation in `norms`. */
export type NormType = keyof typeof norms;

const noNorm: Norm = { weight: plainWeight, batchNorm: false };

/** What a ConvLayer is made of. */
export interface ConvLayerOptions {
  /** Width of the square kernel, odd; the padding keeps the size. Default 3. */
  readonly kernel?: number;
  /** Normalisation, by its name in `norms`; default null: none. */
  readonly normType?: NormType | null;
  /** Whether a ReLU follows the convolution. Default true. */
  readonly activation?: boolean;
  /** Whether self-attention ends the layer. Default false. */
  readonly selfAttention?: boolean;
  /** Default: normal with variance 2 / fan-in. */
  readonly init?: Init;
}

/**
 * fastai's `conv_layer`: convolution → ReLU → batch norm → self-attention, each but the first optional, numbered in
 * that order. The convolution has a bias unless a batch norm follows. (fastai-spec §4.3.)
 * @example const layer = new ConvLayer(64, 32, { normType: "batch" }); // [N, 64, H, W] → [N, 32, H, W]
 */
export class ConvLayer extends Layer {
  readonly #steps: Sequential;

  /** A convolution layer from `inChannels` to `outChannels`. */
  constructor(inChannels: number, outChannels: number, options: ConvLayerOptions = {}) {
    super();
    const { kernel = 3, normType = null, activation = true, selfAttention = false } = options;
    const { weight, batchNorm } = normType === null ? noNorm : norms[normType];
    const init = options.init ?? kaimingNormal("fan_in");
    const padding = (kernel - 1) / 2;
    this.#steps = new Sequential(
      new Conv2d(inChannels, outChannels, { kernel, padding, bias: !batchNorm, init, biasInit: zeros, weight }),
      ...(activation ? [new Relu()] : []),
      ...(batchNorm ? [new BatchNorm2d(outChannels)] : []),
      ...(selfAttention ? [new SelfAttention(outChannels)] : []),
    );
  }

  override members(): Members {
    return this.#steps.members();
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    return this.#steps.forward(x, context);
  }
}
