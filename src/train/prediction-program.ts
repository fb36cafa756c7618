import { sigmoid, softmax } from "../graph/ops/activation.ts";
import { cast } from "../graph/ops/elementwise.ts";
import { concat, reshape, slice } from "../graph/ops/movement.ts";
import { argMax, max } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import { lower, type LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { BatchShape } from "./programs.ts";

/** What logits become, by the name of the function; "none" leaves them. */
export const activations = {
  softmax: (logits) => softmax(logits, 1),
  sigmoid,
  none: (logits) => logits,
} as const satisfies Record<string, (logits: Tensor) => Tensor>;

export type ActivationName = keyof typeof activations;

/** What a prediction program gives beside the class of every pixel. */
export interface PredictionOutputs {
  /** `probabilities`, float32 [n, classes, h, w]; not given where null. */
  readonly activation: ActivationName | null;
  /** `losses`, float32 [n], the loss of each picture alone; masks are an input then. Not given where null. */
  readonly loss: Loss | null;
  /** Whether to give `confidences`, float32 [n, h, w]: the softmax probability of the predicted class. */
  readonly confidence?: boolean;
}

/**
 * Prediction of a batch: images float32 [n, 3, h, w], and masks int32 [n, h, w] if the losses are wanted, to
 * `predictions`, the class of every pixel as uint8 [n, h, w], and what else is asked for.
 */
export function predictionsProgram(
  model: SegmentationModel,
  { n, height, width }: BatchShape,
  { activation, loss, confidence = false }: PredictionOutputs,
  target: LoweringTarget,
): LoweredProgram {
  const images = input("images", [n, 3, height, width]);
  const masks = input("masks", [n, height, width], "int32");
  const logits = model.forward(images, evaluation);
  const outputs: Record<string, Tensor> = { predictions: cast(argMax(logits, 1), "uint8") };
  if (activation !== null) outputs.probabilities = activations[activation](logits);
  if (loss !== null) outputs.losses = pictureLosses(loss, logits, masks);
  if (confidence) outputs.confidences = max(softmax(logits, 1), [1]);
  const inputs = { images, ...(loss === null ? {} : { masks }), ...stateTensors(model) };
  return lower({ inputs, outputs }, target);
}

/** A loss is of a batch; of each picture by itself it is that of a batch of one. */
function pictureLosses(loss: Loss, logits: Tensor, masks: Tensor): Tensor {
  const one = (x: Tensor, i: number): Tensor => slice(x, 0, i, i + 1);
  return concat(
    Array.from({ length: logits.shape[0]! }, (_, i) => reshape(loss(one(logits, i), one(masks, i)), [1])),
    0,
  );
}
