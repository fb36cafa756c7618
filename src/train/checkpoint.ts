import { z } from "zod";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { CorruptFileError } from "../util/errors.ts";
import type { EpochResult } from "./callback.ts";
import type { OptimizerState } from "./engine.ts";
import type { FitPosition } from "./fit.ts";

/** All it takes to continue an interrupted run as if nothing had happened. */
export interface Checkpoint {
  /** Which of the run's fits is under way, counted from 0. */
  readonly phase: number;
  /** What the earlier fits came to, their epochs counted through the run. */
  readonly earlier: readonly EpochResult[];
  /** Where the fit stands. */
  readonly position: FitPosition;
  readonly weights: StateDict;
  readonly optimizer: OptimizerState;
  /** A fingerprint of the data it was trained on. */
  readonly data: string;
}

// JSON has no NaN and no infinity: both become null.
const real = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);

const epochSchema = z.object({
  epoch: z.int().min(0),
  trainLoss: real,
  seconds: real,
  loss: real,
  metrics: z.record(z.string(), real),
});

const headSchema = z.object({
  phase: z.int().min(0),
  data: z.string(),
  classes: z.int().positive(),
  earlier: z.array(epochSchema),
  history: z.array(epochSchema),
  epoch: z.int().min(0),
  batch: z.int().min(0),
  smoothLoss: z.object({ average: z.number(), count: z.int().min(0) }),
  step: z.int().min(0),
});

const headKey = "checkpoint";

/** A checkpoint as one safetensors file, in consecutive chunks. */
export function encodeCheckpoint({ phase, earlier, position, weights, optimizer, data }: Checkpoint): Uint8Array[] {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of weights) tensors.set(`weights:${name}`, tensor);
  for (const [parameter, slot] of Object.entries(optimizer.slots))
    for (const [name, values] of Object.entries(slot))
      tensors.set(`optimizer:${name}:${parameter}`, { dtype: "F32", shape: [values.length], data: unshared(values) });
  const results = { earlier, history: position.history };
  for (const [list, epochs] of Object.entries(results))
    for (const [i, { validation }] of epochs.entries()) {
      const { classes, counts } = validation.confusion;
      tensors.set(`${list}:${i}`, { dtype: "F64", shape: [classes, classes], data: Float64Array.from(counts) });
    }
  const { epoch, batch, smoothLoss } = position;
  const head: z.input<typeof headSchema> = {
    ...{ phase, data, epoch, batch, smoothLoss, step: optimizer.step },
    classes: [...earlier, ...position.history][0]?.validation.confusion.classes ?? 1,
    earlier: earlier.map(headOf),
    history: position.history.map(headOf),
  };
  return encodeSafetensors(tensors, { [headKey]: JSON.stringify(head) });
}

/** Reads a checkpoint back; throws a CorruptFileError for a file that is none. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const head = readHead(metadata[headKey]);
  const weights: StateDict = new Map();
  const slots: Record<string, Record<string, Float32Array>> = {};
  for (const [name, tensor] of tensors) {
    const [kind, first = "", ...rest] = name.split(":");
    if (tensor.dtype !== "F32") continue;
    if (kind === "weights") weights.set(name.slice("weights:".length), tensor);
    else if (kind === "optimizer") (slots[rest.join(":")] ??= {})[first] = tensor.data;
  }
  const restore = (list: "earlier" | "history"): EpochResult[] =>
    head[list].map(({ epoch, trainLoss, seconds, loss, metrics }, i) => {
      const confusion = confusionOf(tensors.get(`${list}:${i}`), head.classes);
      return { epoch, trainLoss, seconds, validation: { loss, metrics, confusion } };
    });
  const { phase, data, epoch, batch, smoothLoss, step } = head;
  const position = { epoch, batch, smoothLoss, history: restore("history") };
  return { phase, data, earlier: restore("earlier"), position, weights, optimizer: { step, slots } };
}

function headOf({ epoch, trainLoss, seconds, validation: { loss, metrics } }: EpochResult) {
  return { epoch, trainLoss, seconds, loss, metrics };
}

function readHead(text: string | undefined): z.output<typeof headSchema> {
  try {
    return headSchema.parse(JSON.parse(text ?? "null"));
  } catch (error) {
    throw damaged("its description of where the run stood", error);
  }
}

function confusionOf(tensor: StoredTensor | undefined, classes: number): ConfusionMatrix {
  if (tensor?.dtype !== "F64" || tensor.data.length !== classes ** 2) throw damaged("its confusion matrices");
  const confusion = new ConfusionMatrix(classes);
  confusion.counts.set(tensor.data);
  return confusion;
}

function damaged(what: string, cause?: unknown): CorruptFileError {
  return new CorruptFileError(`checkpoint: ${what} is damaged`, {
    hint: "Start a new run; weights/last.safetensors can be given to it with --pretrained.",
    cause,
  });
}

/** The values outside memory that threads share, which no file is written from. */
function unshared(values: Float32Array): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = values;
  return buffer instanceof ArrayBuffer ? new Float32Array(buffer, byteOffset, length) : Float32Array.from(values);
}
