import { relu } from "../../src/graph/ops/activation.ts";
import { maxPool2d } from "../../src/graph/ops/pool.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { Encoder } from "../../src/models/encoder.ts";
import { BatchNorm2d } from "../../src/nn/batch-norm.ts";
import { Conv2d } from "../../src/nn/conv.ts";
import type { ForwardContext, Members } from "../../src/nn/module.ts";
import { Relu, Sequential } from "../../src/nn/sequential.ts";

/** The encoder of tiny_unet.json. */
export class TinyEncoder extends Encoder {
  readonly inputChannels = 3;
  readonly channels = [8, 16, 24] as const;
  readonly strides = [2, 4, 8] as const;
  readonly secondGroup = null;
  readonly torchvisionMembers = null;
  readonly conv: Conv2d = new Conv2d(3, 8, { kernel: 3, stride: 2, padding: 1, bias: false });
  readonly bn: BatchNorm2d = new BatchNorm2d(8);
  readonly middle: Sequential = block(8, 16, 1);
  readonly deep: Sequential = block(16, 24, 2);

  override members(): Members {
    return { 0: this.conv, 1: this.bn, 4: this.middle, 5: this.deep };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const stem = relu(this.bn.forward(this.conv.forward(x, context), context));
    const middle = this.middle.forward(maxPool2d(stem, 3, { stride: 2, padding: 1 }), context);
    return [stem, middle, this.deep.forward(middle, context)];
  }
}

function block(inChannels: number, outChannels: number, stride: number): Sequential {
  return new Sequential(
    new Conv2d(inChannels, outChannels, { kernel: 3, stride, padding: 1, bias: false }),
    new Relu(),
    new BatchNorm2d(outChannels),
  );
}
