import type { LoweredProgram } from "../onnx/lower.ts";
import { activationBytes, type MemoryTarget } from "../onnx/peak-memory.ts";
import { recomputed } from "../onnx/recompute.ts";
import { showBytes } from "../util/bytes.ts";
import { ConfigError } from "../util/errors.ts";
import type { BatchShape } from "./programs.ts";

/** The memory for a training. */
export interface MemoryBudget {
  /** Bytes for everything. */
  readonly memory: number;
  /** Bytes of it that are taken beside the program. */
  readonly beside: number;
}

/**
 * A training program that keeps to a budget, by computing parts of its forward pass again in its backward pass where it
 * must. Throws a ConfigError that says how little it could do with, where that is more than the budget.
 */
export function withinBudget(
  program: LoweredProgram,
  { n, height, width }: BatchShape,
  { memory, beside }: MemoryBudget,
  target: MemoryTarget,
): LoweredProgram {
  const lean = recomputed(program, Math.max(memory - beside, 0), target);
  const least = beside + activationBytes(lean, target);
  if (least <= memory) return lean;
  const batches = `batches of ${n} at ${height}×${width}`;
  throw new ConfigError(
    `memory: ${batches} need at least ${showBytes(least)} with everything computed again, more than ${showBytes(memory)}`,
    { hint: `Use smaller batches or pictures, or a smaller encoder; ${showBytes(beside)} are not activations.` },
  );
}
