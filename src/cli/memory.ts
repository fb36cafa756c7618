import { messageOf, ResourceError } from "../util/errors.ts";
import { exitCodeOf } from "./output.ts";

// What V8, Node's threads, ONNX Runtime and WebAssembly say when there is no memory left.
const outOfMemory =
  /allocation failed|failed to allocate|could not allocate|bad_alloc|out of memory|Aborted\(OOM|invalid typed array length/i;

/** The error itself; lack of memory, which every library words in its own way, as a ResourceError. */
export function explainMemory(error: unknown): unknown {
  if (exitCodeOf(error) !== 1 || !outOfMemory.test(messageOf(error))) return error;
  return new ResourceError(`out of memory (${messageOf(error)})`, {
    hint: "Use smaller pictures (--size) or smaller batches (--bs).",
    cause: error,
  });
}
