import { parseLoss } from "../losses/parse-loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { autoBatchSize } from "../train/auto-batch-size.ts";
import type { BatchSplit } from "../train/batch-parts.ts";
import { freeMemory } from "../util/free-memory.node.ts";
import type { Output } from "./output.ts";
import type { TrainOptions } from "./train-options.ts";

/** All that WebAssembly can address. */
const wasmBytes = 2 ** 32;

/** The batch size of `--bs`; with "auto", one that there is memory for, and says why. */
export function batchSizeOf(
  { bs, loss, backend }: Pick<TrainOptions, "bs" | "loss" | "backend">,
  model: SegmentationModel,
  size: readonly [height: number, width: number],
  pictures: number,
  output: Output,
): number {
  if (bs !== "auto") return bs;
  const freeBytes = Math.min(freeMemory(), backend === "wasm" ? wasmBytes : Infinity);
  const { message, ...chosen } = autoBatchSize(model, { size, pictures, freeBytes, loss: parseLoss(loss) });
  output.line(message);
  output.event("batchSize", { ...chosen, freeBytes });
  return chosen.batchSize;
}

/** Tells that memory ran out and how training goes on. */
export const tellSplit =
  (output: Output) =>
  ({ message, ...split }: BatchSplit): void => {
    output.note(`warning: ${message}`);
    output.event("split", split);
  };
