import { relu } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/elementwise.ts";
import { maxPool2d } from "../../graph/ops/pool.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import { Conv2d } from "../../nn/conv.ts";
import { kaimingNormal } from "../../nn/init.ts";
import { type ForwardContext, Layer, type Members } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";
import { Encoder } from "../encoder.ts";

/** Blocks in each of the four stages. */
export type ResNetDepths = readonly [number, number, number, number];

/**
 * ResNet of basic blocks without its classifier (He et al. 2016), as in torchvision. Its members are numbered as the
 * children of torchvision's model: 0 conv1, 1 bn1, 2 relu, 3 maxpool, 4–7 layer1–layer4. The features are the stem, before
 * the pooling, and the four stages.
 */
export class ResNet extends Encoder {
  readonly inputChannels = 3;
  readonly channels = [64, 64, 128, 256, 512] as const;
  readonly strides = [2, 4, 8, 16, 32] as const;
  readonly secondGroup = "6";
  readonly torchvisionMembers = { 0: "conv1", 1: "bn1", 4: "layer1", 5: "layer2", 6: "layer3", 7: "layer4" };
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;

  constructor(depths: ResNetDepths) {
    super();
    this.conv1 = conv(3, 64, 7, 2);
    this.bn1 = new BatchNorm2d(64);
    this.layer1 = stage(64, 64, depths[0], 1);
    this.layer2 = stage(64, 128, depths[1], 2);
    this.layer3 = stage(128, 256, depths[2], 2);
    this.layer4 = stage(256, 512, depths[3], 2);
  }

  override members(): Members {
    const { conv1, bn1, layer1, layer2, layer3, layer4 } = this;
    return { 0: conv1, 1: bn1, 4: layer1, 5: layer2, 6: layer3, 7: layer4 };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const stem = relu(this.bn1.forward(this.conv1.forward(x, context), context));
    const c2 = this.layer1.forward(maxPool2d(stem, 3, { stride: 2, padding: 1 }), context);
    const c3 = this.layer2.forward(c2, context);
    const c4 = this.layer3.forward(c3, context);
    return [stem, c2, c3, c4, this.layer4.forward(c4, context)];
  }
}

function stage(inChannels: number, outChannels: number, depth: number, stride: number): Sequential {
  return new Sequential(
    ...Array.from({ length: depth }, (_, i) =>
      i === 0 ? new BasicBlock(inChannels, outChannels, stride) : new BasicBlock(outChannels, outChannels, 1),
    ),
  );
}

/** Two 3×3 convolutions with batch norm, around which the input is added; a 1×1 convolution fits its shape if need be. */
class BasicBlock extends Layer {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.conv1 = conv(inChannels, outChannels, 3, stride);
    this.bn1 = new BatchNorm2d(outChannels);
    this.conv2 = conv(outChannels, outChannels, 3, 1);
    this.bn2 = new BatchNorm2d(outChannels);
    this.downsample =
      stride === 1 && inChannels === outChannels
        ? null
        : new Sequential(conv(inChannels, outChannels, 1, stride), new BatchNorm2d(outChannels));
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

function conv(inChannels: number, outChannels: number, kernel: number, stride: number): Conv2d {
  const init = kaimingNormal("fan_out");
  return new Conv2d(inChannels, outChannels, { kernel, stride, padding: (kernel - 1) / 2, bias: false, init });
}
