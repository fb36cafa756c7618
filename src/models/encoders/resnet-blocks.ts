import { relu } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/elementwise.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import { Conv2d } from "../../nn/conv.ts";
import { kaimingNormal } from "../../nn/init.ts";
import { type ForwardContext, Layer, type Members } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";

/** A kind of residual block. */
interface BlockKind {
  /** Output channels for each channel of the block's width. */
  readonly expansion: number;
  make(inChannels: number, width: number, stride: number): Layer;
}

/** Two 3×3 convolutions with batch norm, around which the input is added; a 1×1 convolution fits its shape if need be. */
class BasicBlock extends Layer {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, width: number, stride: number) {
    super();
    this.conv1 = plainConv(inChannels, width, 3, stride);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = plainConv(width, width, 3, 1);
    this.bn2 = new BatchNorm2d(width);
    this.downsample = shortcut(inChannels, width, stride);
  }

  override members(): Members {
    const { conv1, bn1, conv2, bn2, downsample } = this;
    return { conv1, bn1, conv2, bn2, ...(downsample && { downsample }) };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const y = relu(this.bn1.forward(this.conv1.forward(x, context), context));
    const residual = this.bn2.forward(this.conv2.forward(y, context), context);
    return relu(add(residual, this.downsample ? this.downsample.forward(x, context) : x));
  }
}

/**
 * A 3×3 convolution between two of 1×1, which narrow the channels to a quarter and widen them again, around which the
 * input is added. The 3×3 convolution has the stride, as in torchvision.
 */
class Bottleneck extends Layer {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, width: number, stride: number) {
    super();
    this.conv1 = plainConv(inChannels, width, 1, 1);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = plainConv(width, width, 3, stride);
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = plainConv(width, 4 * width, 1, 1);
    this.bn3 = new BatchNorm2d(4 * width);
    this.downsample = shortcut(inChannels, 4 * width, stride);
  }

  override members(): Members {
    const { conv1, bn1, conv2, bn2, conv3, bn3, downsample } = this;
    return { conv1, bn1, conv2, bn2, conv3, bn3, ...(downsample && { downsample }) };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const narrow = relu(this.bn1.forward(this.conv1.forward(x, context), context));
    const y = relu(this.bn2.forward(this.conv2.forward(narrow, context), context));
    const residual = this.bn3.forward(this.conv3.forward(y, context), context);
    return relu(add(residual, this.downsample ? this.downsample.forward(x, context) : x));
  }
}

/** The block of ResNet-18 and ResNet-34, and that of ResNet-50 and deeper ones. */
export const blocks = {
  basic: { expansion: 1, make: (...shape) => new BasicBlock(...shape) },
  bottleneck: { expansion: 4, make: (...shape) => new Bottleneck(...shape) },
} as const satisfies Record<string, BlockKind>;

function shortcut(inChannels: number, outChannels: number, stride: number): Sequential | null {
  if (stride === 1 && inChannels === outChannels) return null;
  return new Sequential(plainConv(inChannels, outChannels, 1, stride), new BatchNorm2d(outChannels));
}

/** A convolution without bias whose padding keeps the size but for the stride. */
export function plainConv(inChannels: number, outChannels: number, kernel: number, stride: number): Conv2d {
  const init = kaimingNormal("fan_out");
  return new Conv2d(inChannels, outChannels, { kernel, stride, padding: (kernel - 1) / 2, bias: false, init });
}
