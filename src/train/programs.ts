import { gradients } from "../graph/grad.ts";
import { cast } from "../graph/ops/elementwise.ts";
import { argMax } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, namedBuffers, namedParameters, stateTensors } from "../nn/module.ts";
import type { Buffer } from "../nn/parameter.ts";
import { lower, type LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import { gradientName, nextName } from "./engine.ts";

/** Pictures of one batch: count, height and width. */
export interface BatchShape {
  readonly n: number;
  readonly height: number;
  readonly width: number;
}

function images({ n, height, width }: BatchShape): Tensor {
  return input("images", [n, 3, height, width]);
}

function masks({ n, height, width }: BatchShape): Tensor {
  return input("masks", [n, height, width], "int32");
}

/**
 * One training step: images float32 [n, 3, h, w] and masks int32 [n, h, w] to the loss, the gradient of every parameter
 * named in `trainable`, and the next value of every buffer.
 */
export function trainingProgram(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  trainable: readonly string[],
  target: LoweringTarget,
): LoweredProgram {
  const [x, y] = [images(shape), masks(shape)];
  const updates = new Map<Buffer, Tensor>();
  const cost = loss(model.forward(x, { training: true, update: (buffer, next) => updates.set(buffer, next) }), y);
  const parameters = new Map(namedParameters(model));
  const grads = gradients(
    cost,
    trainable.map((name) => parameters.get(name)!.tensor),
  );
  const outputs: Record<string, Tensor> = { loss: cost };
  for (const [i, name] of trainable.entries()) outputs[gradientName(name)] = grads[i]!;
  for (const [name, buffer] of namedBuffers(model)) {
    const next = updates.get(buffer);
    if (next) outputs[nextName(name)] = next;
  }
  return lower({ inputs: { images: x, masks: y, ...stateTensors(model) }, outputs }, target);
}

/** Validation of a batch: the loss, and the predicted class of every pixel as uint8 [n, h, w]. */
export function validationProgram(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  target: LoweringTarget,
): LoweredProgram {
  const [x, y] = [images(shape), masks(shape)];
  const logits = model.forward(x, evaluation);
  const outputs = { loss: loss(logits, y), predictions: cast(argMax(logits, 1), "uint8") };
  return lower({ inputs: { images: x, masks: y, ...stateTensors(model) }, outputs }, target);
}
