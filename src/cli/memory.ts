import { messageOf, ResourceError } from "../util/errors.ts";
import { exitCodeOf } from "./output.ts";

// What V8, Node's threads, ONNX Runtime and WebAssembly say when there is no memory left.
const outOfMemory =
  /allocation failed|failed to allocate|could not allocate|bad_alloc|out of memory|Aborted\(OOM|invalid typed array length/i;

/** The error itself; lack of memory, which every library words in its own way, as a ResourceError. */
export function explainMemory(error: unknown): unknown {
  const message = messageOf(error);
  if (exitCodeOf(error) !== 1 || !outOfMemory.test(message)) return error;
  const [, bytes] = /buffer of size (\d+)/.exec(message) ?? [];
  const asked =
    bytes === undefined ? message.slice(0, 100) : `another ${Math.ceil(Number(bytes) / 1e6)} MB were needed`;
  return new ResourceError(`out of memory: ${asked}`, {
    hint: "Use smaller pictures (--size) or smaller batches (--bs).",
    cause: error,
  });
}
