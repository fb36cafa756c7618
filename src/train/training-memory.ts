import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { namedParameters, stateTensors } from "../nn/module.ts";
import { activationBytes } from "../onnx/peak-memory.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import { type BatchShape, trainingProgram, validationProgram } from "./programs.ts";

/** What a training holds beside the program that trains, in bytes. */
export interface MemoryBeside {
  /** The program that validates, whose memory is held beside. */
  readonly validation: number;
  /** Weights and the optimizer's two moments; where results are copied, also the gradients of this step and of the last one. */
  readonly state: number;
  /** Copies of weights and moments while a checkpoint is written, and of the weights that training began with. */
  readonly copies: number;
  /** Pictures and masks on their way. */
  readonly batches: number;
  /** What is there before anything is trained: Node, ONNX Runtime, decoding threads. */
  readonly process: number;
}

/** An estimate of what a training takes at most, in bytes, where its programs run: in the process, or on a GPU. */
export interface TrainingMemory extends MemoryBeside {
  /** The program that trains: all that lives at one time between forward and backward pass. */
  readonly training: number;
  readonly total: number;
}

/** Node and ONNX Runtime with a session of some thousand nodes, and four threads that decode. */
const processBytes = 350e6;
/** Batches that are ready, made, and used at one time. */
const batchesAtOnce = 5;
/** Three float32 channels and an int32 id. */
const bytesOfPixel = 16;
/** An update on a device takes a chunk's parameters and gradients as vectors, and makes the next of each. */
const vectorsOfUpdate = 4;

/**
 * What training a model in batches of a shape takes at most, found out from its programs without running them: those of a
 * step in which everything trains and of a validation with the same batches. On the CPU it is right to about 15 %.
 */
export function trainingMemory(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  target: LoweringTarget,
): TrainingMemory {
  const variant = { trainable: namedParameters(model).map(([name]) => name) };
  const parts = {
    training: activationBytes(trainingProgram(model, loss, shape, variant, target), target),
    ...memoryBeside(model, loss, shape, target),
  };
  return { ...parts, total: sumOf(parts) };
}

/** What there is beside the program that trains. */
export function memoryBeside(
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  target: LoweringTarget,
): MemoryBeside {
  const trained = namedParameters(model).reduce((sum, [, { tensor }]) => sum + 4 * tensor.size, 0);
  const weights = Object.values(stateTensors(model)).reduce((sum, { size }) => sum + 4 * size, 0);
  const batch = bytesOfPixel * shape.n * shape.height * shape.width;
  const validation = activationBytes(validationProgram(model, loss, shape, target), target);
  if (target.ownMemory)
    return {
      ...{ validation, state: weights + (2 + vectorsOfUpdate) * trained, copies: 0 },
      ...{ batches: batch, process: 0 },
    };
  const gradients = target.resultsInPlace ? 0 : 2 * trained;
  return {
    ...{ validation, state: weights + 2 * trained + gradients, copies: 2 * weights + 2 * trained },
    ...{ batches: batchesAtOnce * batch, process: processBytes },
  };
}

/** The bytes of all parts together. */
export function sumOf(parts: Readonly<Record<keyof MemoryBeside, number>>): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}
