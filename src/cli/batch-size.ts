import { parseLoss } from "../losses/parse-loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { targets } from "../runtime/ort.node.ts";
import { type AutoBatchOptions, autoBatchSize } from "../train/auto-batch-size.ts";
import type { BatchSplit } from "../train/batch-parts.ts";
import { ConfigError } from "../util/errors.ts";
import { freeMemory } from "../util/free-memory.node.ts";
import type { Output } from "./output.ts";
import type { TrainOptions } from "./train-options.ts";

/** All that WebAssembly can address. */
const wasmBytes = 2 ** 32;

/**
 * The batch size of `--bs`; with "auto", one that there is memory for, and says why. Throws a ConfigError for "auto" where
 * nobody can tell how much memory there is.
 */
export function batchSizeOf(
  options: Pick<TrainOptions, "bs" | "loss" | "backend" | "memory" | "fp16">,
  model: SegmentationModel,
  size: readonly [height: number, width: number],
  pictures: number,
  output: Output,
): number {
  const { bs, loss, backend, fp16 } = options;
  if (bs !== "auto") return bs;
  const room = roomFor(options);
  const target = { ...targets[backend], half: fp16 };
  const { message, ...chosen } = autoBatchSize(model, {
    ...{ size, pictures, target },
    ...room,
    loss: parseLoss(loss),
  });
  output.line(message);
  output.event("batchSize", { ...chosen, freeBytes: room.freeBytes });
  return chosen.batchSize;
}

/** The memory for training: all of `--memory`, or some of what is free. */
function roomFor({
  backend,
  memory,
}: Pick<TrainOptions, "backend" | "memory">): Pick<AutoBatchOptions, "freeBytes" | "share"> {
  if (memory !== undefined) return { freeBytes: memory, share: 1 };
  if (targets[backend].ownMemory)
    throw new ConfigError("--bs auto: WebGPU does not tell how much memory the GPU has, or how much of it is free", {
      hint: "Say how much training may take, such as --memory 6GB, or give --bs a number; if that is too much, batches go in halves.",
    });
  return { freeBytes: Math.min(freeMemory(), backend === "wasm" ? wasmBytes : Infinity) };
}

/** Tells that memory ran out and how training goes on. */
export const tellSplit =
  (output: Output) =>
  ({ message, ...split }: BatchSplit): void => {
    output.note(`warning: ${message}`);
    output.event("split", split);
  };
