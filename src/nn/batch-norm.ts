import { add, mul } from "../graph/ops/elementwise.ts";
import { batchNorm, batchNormTrain } from "../graph/ops/norm.ts";
import { showShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import { type Init, ones, zeros } from "./init.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

const epsilon = 1e-5;
const momentum = 0.1;

/**
 * Batch norm of x [N, C, H, W] (Ioffe & Szegedy 2015), as in PyTorch: in training by the statistics of the batch, which
 * move the running ones by a tenth (the variance unbiased); in evaluation by the running statistics.
 */
export class BatchNorm2d extends Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly runningMean: Buffer;
  readonly runningVar: Buffer;

  constructor(channels: number, options: { readonly biasInit?: Init } = {}) {
    super();
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
    if (!context.training)
      return batchNorm(x, { ...parameters, mean: this.runningMean.tensor, variance: this.runningVar.tensor }, epsilon);
    const count = x.size / x.shape[1]!;
    if (count <= 1)
      throw new ConfigError(
        `BatchNorm2d: expected more than one value per channel in training, but received ${showShape(x.shape)}`,
        { hint: "Train on larger pictures or with a larger batch." },
      );
    const { y, mean, variance } = batchNormTrain(x, parameters, epsilon);
    context.update(this.runningMean, moved(this.runningMean, mean));
    context.update(this.runningVar, moved(this.runningVar, mul(variance, count / (count - 1))));
    return y;
  }
}

function moved(buffer: Buffer, towards: Tensor): Tensor {
  return add(mul(buffer.tensor, 1 - momentum), mul(towards, momentum));
}
