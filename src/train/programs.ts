import { gradients } from "../graph/grad.ts";
import { add, cast, mul, sub } from "../graph/ops/elementwise.ts";
import { argMax } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, namedBuffers, namedParameters, stateTensors } from "../nn/module.ts";
import type { Buffer, Parameter } from "../nn/parameter.ts";
import { lower, type LoweredProgram, type ProgramGraph } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import { gradientName, lossScaleName, nextName } from "./engine.ts";

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

/** What a training program is for, beside its batch. */
export interface TrainingVariant {
  /** Names of the parameters that train. */
  readonly trainable: readonly string[];
  /** Weights of the batch norms that keep to their running statistics; none where left out. */
  readonly frozen?: ReadonlySet<Parameter>;
  /** Whether each picture has a second mask; false where left out. */
  readonly mixed?: boolean;
  /** Whether the gradients are those of the loss times a factor, an input `lossScaleName`; false where left out. */
  readonly scaled?: boolean;
}

/**
 * One training step: images float32 [n, 3, h, w] and masks int32 [n, h, w] to the loss, the gradient of every parameter
 * that trains, and the next value of every buffer. A mixed one also takes other masks ("masks2") and the share float32 []
 * of the first ones; the loss is share·L(masks) + (1 − share)·L(masks2) (Zhang et al. 2018, arXiv:1710.09412).
 */
export function trainingProgram(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  variant: TrainingVariant,
  target: LoweringTarget,
): LoweredProgram {
  return lower(trainingGraph(model, loss, shape, { ...variant, scaled: target.half }), target);
}

/** The graph that `trainingProgram` lowers. */
export function trainingGraph(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  { trainable, frozen, mixed = false, scaled = false }: TrainingVariant,
): ProgramGraph {
  const x = images(shape);
  const [y, y2, share] = [masks(shape), masks(shape), input("share", [])];
  const updates = new Map<Buffer, Tensor>();
  const context = { training: true, frozen, update: (buffer: Buffer, next: Tensor) => void updates.set(buffer, next) };
  const logits = model.forward(x, context);
  const cost = mixed ? add(mul(share, loss(logits, y)), mul(sub(1, share), loss(logits, y2))) : loss(logits, y);
  const parameters = new Map(namedParameters(model));
  const lossScale = input(lossScaleName, []);
  const grads = gradients(
    scaled ? mul(cost, lossScale) : cost,
    trainable.map((name) => parameters.get(name)!.tensor),
  );
  const outputs: Record<string, Tensor> = { loss: cost };
  for (const [i, name] of trainable.entries()) outputs[gradientName(name)] = grads[i]!;
  for (const [name, buffer] of namedBuffers(model)) {
    const next = updates.get(buffer);
    if (next) outputs[nextName(name)] = next;
  }
  const feeds = { images: x, masks: y, ...(mixed && { masks2: y2, share }), ...(scaled && { lossScale }) };
  return { inputs: { ...feeds, ...stateTensors(model) }, outputs };
}

/**
 * Validation of a batch: the loss, the predicted class of every pixel as uint8 [n, h, w], and what `more` makes of the
 * logits float32 [n, classes, h, w] and the masks.
 */
export function validationProgram(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  target: LoweringTarget,
  more: (logits: Tensor, target: Tensor) => Readonly<Record<string, Tensor>> = () => ({}),
): LoweredProgram {
  const [x, y] = [images(shape), masks(shape)];
  const logits = model.forward(x, evaluation);
  const outputs = { loss: loss(logits, y), predictions: cast(argMax(logits, 1), "uint8"), ...more(logits, y) };
  return lower({ inputs: { images: x, masks: y, ...stateTensors(model) }, outputs }, target);
}
