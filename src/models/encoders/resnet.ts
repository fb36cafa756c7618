import { relu } from "../../graph/ops/activation.ts";
import { maxPool2d } from "../../graph/ops/pool.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { BatchNorm2d } from "../../nn/batch-norm.ts";
import type { Conv2d } from "../../nn/conv.ts";
import type { ForwardContext, Members } from "../../nn/module.ts";
import { Sequential } from "../../nn/sequential.ts";
import { Encoder, type EncoderOptions, renamedMembers } from "../encoder.ts";
import { basic, type BlockKind, plainConv } from "./resnet-blocks.ts";

/** Blocks in each of the four stages. */
export type ResNetDepths = readonly [number, number, number, number];

/**
 * ResNet without its classifier (He et al. 2016), as in torchvision. Its members are numbered as the children of
 * torchvision's model: 0 conv1, 1 bn1, 2 relu, 3 maxpool, 4–7 layer1–layer4. The features are the stem, before the
 * pooling, and the four stages.
 */
export class ResNet extends Encoder {
  readonly inputChannels: number;
  readonly channels: readonly [number, number, number, number, number];
  readonly strides = [2, 4, 8, 16, 32] as const;
  override readonly firstWeight = "0.weight";
  readonly secondGroup = "6";
  readonly published = [
    renamedMembers("torchvision", { 0: "conv1", 1: "bn1", 4: "layer1", 5: "layer2", 6: "layer3", 7: "layer4" }),
  ];
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;

  constructor(depths: ResNetDepths, block: BlockKind = basic, { channels = 3 }: EncoderOptions = {}) {
    super();
    this.inputChannels = channels;
    const { expansion } = block;
    const stage = (inChannels: number, width: number, depth: number, stride: number): Sequential =>
      new Sequential(
        ...Array.from({ length: depth }, (_, i) =>
          i === 0 ? block.make(inChannels, width, stride) : block.make(expansion * width, width, 1),
        ),
      );
    this.channels = [64, 64 * expansion, 128 * expansion, 256 * expansion, 512 * expansion];
    this.conv1 = plainConv(channels, 64, 7, 2);
    this.bn1 = new BatchNorm2d(64);
    this.layer1 = stage(64, 64, depths[0], 1);
    this.layer2 = stage(64 * expansion, 128, depths[1], 2);
    this.layer3 = stage(128 * expansion, 256, depths[2], 2);
    this.layer4 = stage(256 * expansion, 512, depths[3], 2);
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
