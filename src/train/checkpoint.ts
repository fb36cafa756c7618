import { z } from "zod";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { CorruptFileError } from "../util/errors.ts";
import { real } from "./best-epoch.ts";
import type { EpochResult } from "./callback.ts";
import type { OptimizerState } from "./engine.ts";
import type { FitPosition } from "./fit.ts";
import { optimizerHead, optimizerState, optimizerTensors } from "./optimizer-tensors.ts";
import { parseJson } from "../util/parse-json.ts";

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
  /** What the order of the pictures and all random draws go by, with the place in the fit: there is no other random state. */
  readonly seed: number;
}

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
  seed: z.int().min(0),
  classes: z.int().positive(),
  earlier: z.array(epochSchema),
  history: z.array(epochSchema),
  epoch: z.int().min(0),
  batch: z.int().min(0),
  smoothLoss: z.object({ average: z.number(), count: z.int().min(0) }),
  scheduled: z.number().min(0),
  pace: z.number(),
  lrFactor: z.number(),
  skippedSteps: z.int().min(0),
  firstPass: z.int().min(0),
  memories: z.record(z.string(), z.record(z.string(), real)),
  stopped: z.boolean(),
  parts: z.object({ training: z.int().min(1).optional(), validation: z.int().min(1).optional() }).optional(),
  ...optimizerHead.shape,
});

const headKey = "checkpoint";

/** What a checkpoint is made of: all that `learner.checkpoint` gives; the rest is of runs with several fits. */
export type CheckpointParts = Pick<Checkpoint, "position" | "weights" | "optimizer"> & Partial<Checkpoint>;

/**
 * A checkpoint as one safetensors file, in consecutive chunks.
 * @example await host.write("run.ckpt", encodeCheckpoint(await learner.checkpoint()));
 */
export function encodeCheckpoint(checkpoint: CheckpointParts): Uint8Array[] {
  const { phase = 0, earlier = [], data = "", seed = 0, position, weights, optimizer } = checkpoint;
  const { head: optimizerHead, tensors } = optimizerTensors(optimizer);
  for (const [name, tensor] of weights) tensors.set(`weights:${name}`, tensor);
  const { history, ...where } = position;
  const results = { earlier, history };
  for (const [list, epochs] of Object.entries(results))
    for (const [i, { validation }] of epochs.entries()) {
      const { classes, counts } = validation.confusion;
      tensors.set(`${list}:${i}`, { dtype: "F64", shape: [classes, classes], data: Float64Array.from(counts) });
    }
  const head = {
    ...{ phase, data, seed, ...where, ...optimizerHead },
    classes: [...earlier, ...history][0]?.validation.confusion.classes ?? 1,
    earlier: earlier.map(headOf),
    history: history.map(headOf),
  } satisfies z.input<typeof headSchema>;
  return encodeSafetensors(tensors, { [headKey]: JSON.stringify(head) });
}

/**
 * Reads a checkpoint back; throws a CorruptFileError for a file that is none.
 * @example
 * const { position, weights, optimizer } = decodeCheckpoint(await host.read("run.ckpt"));
 * const learner = await Learner.create(data, model, engine, { weights });
 * await engine.setOptimizerState(optimizer);
 * await learner.fitOneCycle(10, 1e-2, { from: position });
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const head = readHead(metadata[headKey]);
  const weights: StateDict = new Map();
  for (const [name, tensor] of tensors)
    if (tensor.dtype === "F32" && name.startsWith("weights:")) weights.set(name.slice("weights:".length), tensor);
  const restore = (list: "earlier" | "history"): EpochResult[] =>
    head[list].map(({ epoch, trainLoss, seconds, loss, metrics }, i) => {
      const confusion = confusionOf(tensors.get(`${list}:${i}`), head.classes);
      return { epoch, trainLoss, seconds, validation: { loss, metrics, confusion } };
    });
  const { phase, data, seed, classes: _, step, gathered, lossScale, earlier: __, ...where } = head;
  const position = { ...where, history: restore("history") };
  const optimizer = optimizerState({ step, gathered, lossScale }, tensors);
  return { phase, data, seed, earlier: restore("earlier"), position, weights, optimizer };
}

function headOf({ epoch, trainLoss, seconds, validation: { loss, metrics } }: EpochResult) {
  return { epoch, trainLoss, seconds, loss, metrics };
}

function readHead(text: string | undefined): z.output<typeof headSchema> {
  try {
    return headSchema.parse(parseJson(text ?? "null"));
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
