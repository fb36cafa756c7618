import type { AdamwOptions } from "./adamw.ts";
import { adamwMemory, type OptimizerMemory } from "./adamw-simd.ts";
import { sgd } from "./sgd.ts";

/** Which optimizer trains: AdamW, where no name is given, or gradient descent with momentum. */
export type OptimizerOptions = ({ readonly name?: "adamw" } & AdamwOptions) | { readonly name: "sgd" };

/** An optimizer, and memory for parameters of the given lengths and for its state. */
export function optimizerMemory(lengths: readonly number[], options: OptimizerOptions = {}): OptimizerMemory {
  if (options.name !== "sgd") return adamwMemory(lengths, options);
  return { allocate: (length) => new Float32Array(length), optimizer: sgd() };
}
