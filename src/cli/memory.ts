import { isOutOfMemory, outOfMemory } from "../util/out-of-memory.ts";

/** The error itself; lack of memory, which every library words in its own way, as a ResourceError. */
export function explainMemory(error: unknown): unknown {
  if (!isOutOfMemory(error)) return error;
  return outOfMemory(error, "Use smaller pictures (--size) or smaller batches (--bs).");
}
