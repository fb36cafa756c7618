import { messageOf, ResourceError, SegkitError } from "./errors.ts";

// What V8, Node's threads, ONNX Runtime and WebAssembly say when there is no memory left.
const texts =
  /allocation failed|failed to allocate|could not allocate|bad_alloc|out of memory|Aborted\(OOM|invalid typed array length/i;

/** Whether an error means that there is no memory left; each library words it in its own way. */
export function isOutOfMemory(error: unknown): boolean {
  return !(error instanceof SegkitError && error.exitCode !== 1) && texts.test(messageOf(error));
}

/** Lack of memory as a ResourceError that says how much was asked for, as far as that is known. */
export function outOfMemory(error: unknown, hint: string): ResourceError {
  const message = messageOf(error);
  const [, bytes] = /buffer of size (\d+)/.exec(message) ?? [];
  const asked =
    bytes === undefined ? message.slice(0, 100) : `another ${Math.ceil(Number(bytes) / 1e6)} MB were needed`;
  return new ResourceError(`out of memory: ${asked}`, { hint, cause: error });
}
