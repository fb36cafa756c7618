import { relu } from "../../src/graph/ops/activation.ts";
import { maxPool2d } from "../../src/graph/ops/pool.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { Encoder } from "../../src/models/encoder.ts";
import { BatchNorm2d } from "../../src/nn/batch-norm.ts";
import { Conv2d } from "../../src/nn/conv.ts";
import type { ForwardContext, Members } from "../../src/nn/module.ts";
import { Relu, Sequential } from "../../src/nn/sequential.ts";

/** The encoder of tiny_unet.json; of narrower features, that of the files in golden/pth. */
export class TinyEncoder extends Encoder {
  readonly inputChannels = 3;
  readonly channels: readonly [number, number, number];
  readonly strides = [2, 4, 8] as const;
  readonly secondGroup = null;
  readonly published = [];
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;
  readonly middle: Sequential;
  readonly deep: Sequential;

  constructor(channels: readonly [number, number, number] = [8, 16, 24]) {
    super();
    const [first, second, third] = channels;
    this.channels = channels;
    this.conv = new Conv2d(3, first, { kernel: 3, stride: 2, padding: 1, bias: false });
    this.bn = new BatchNorm2d(first);
    this.middle = block(first, second, 1);
    this.deep = block(second, third, 2);
  }

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
