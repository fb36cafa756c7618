import { add, mul } from "../graph/ops/elementwise.ts";
import { batchNorm, batchNormTrain } from "../graph/ops/norm.ts";
import { showShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import { type Init, ones, zeros } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

/** Settings of a batch norm; defaults are PyTorch's. */
export interface BatchNormOptions {
  /** Default 0. */
  readonly biasInit?: Init;
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
  /** The share of the batch in the running statistics after a step; default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch norm of x [N, C, H, W] (Ioffe & Szegedy 2015), as in PyTorch: in training by the statistics of the batch, which
 * move the running ones by `momentum` (the variance unbiased); in evaluation by the running statistics. Throws a
 * ConfigError in training for a single value per channel.
 * @example const norm = new BatchNorm2d(64, { momentum: 0.1 });
 */
export class BatchNorm2d extends Layer {
  /** Scale of each channel, [C]; at first 1. */
  readonly weight: Parameter;
  /** Shift of each channel, [C]; at first 0, or as `biasInit` says. */
  readonly bias: Parameter;
  /** Running mean of each channel, [C]; at first 0. */
  readonly runningMean: Buffer;
  /** Running variance of each channel, [C]; at first 1. */
  readonly runningVar: Buffer;
  readonly #eps: number;
  readonly #momentum: number;

  /** A batch norm of so many channels. */
  constructor(channels: number, options: BatchNormOptions = {}) {
    super();
    this.#eps = options.eps ?? 1e-5;
    this.#momentum = options.momentum ?? 0.1;
    this.weight = new Parameter([channels], "norm", ones);
    this.bias = new Parameter([channels], "norm", options.biasInit ?? zeros);
    this.runningMean = new Buffer([channels], zeros);
    this.runningVar = new Buffer([channels], ones);
  }

  override members(): Members {
    return { weight: this.weight, bias: this.bias, running_mean: this.runningMean, running_var: this.runningVar };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const parameters = { weight: this.weight.tensor, bias: this.bias.tensor };
    if (!context.training || context.frozen?.has(this.weight))
      return batchNorm(
        x,
        { ...parameters, mean: this.runningMean.tensor, variance: this.runningVar.tensor },
        this.#eps,
      );
    const count = x.size / x.shape[1]!;
    if (count <= 1)
      throw new ConfigError(
        `BatchNorm2d: expected more than one value per channel in training, but received ${showShape(x.shape)}`,
        { hint: "Train on larger pictures or with a larger batch." },
      );
    const { y, mean, variance } = batchNormTrain(x, parameters, this.#eps);
    context.update(this.runningMean, moved(this.runningMean, mean, this.#momentum));
    context.update(this.runningVar, moved(this.runningVar, mul(variance, count / (count - 1)), this.#momentum));
    return y;
  }
}

function moved(buffer: Buffer, towards: Tensor, momentum: number): Tensor {
  return add(mul(buffer.tensor, 1 - momentum), mul(towards, momentum));
}
