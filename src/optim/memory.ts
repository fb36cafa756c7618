import { adamw, type AdamwOptions } from "./adamw.ts";
import { adamwMemory, type OptimizerMemory } from "./adamw-simd.ts";
import { sgd } from "./sgd.ts";

/** Which optimizer trains: AdamW, where no name is given, or gradient descent with momentum. */
export type OptimizerOptions = AdamwMemoryOptions | { readonly name: "sgd" };

interface AdamwMemoryOptions extends AdamwOptions {
  readonly name?: "adamw";
  /** Whether the update is SIMD code, in float32 throughout, and not a plain loop; default true. */
  readonly simd?: boolean;
}

/** An optimizer, and memory for parameters of the given lengths and for its state. */
export function optimizerMemory(lengths: readonly number[], options: OptimizerOptions = {}): OptimizerMemory {
  if (options.name !== "sgd" && options.simd !== false) return adamwMemory(lengths, options);
  const optimizer = options.name === "sgd" ? sgd() : adamw(options);
  return { allocate: (length) => new Float32Array(length), optimizer };
}
