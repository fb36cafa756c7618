import { messageOf, ResourceError, SegkitError } from "./errors.ts";

// What V8, Node's threads, ONNX Runtime and WebAssembly say when there is no memory left.
const ofProcess =
  /allocation failed|(failed to|could not|cannot) allocate|bad_alloc|out of memory|Aborted\(OOM|invalid typed array length/i;
// What Dawn, the WebGPU of ONNX Runtime and of Chromium, and the drivers below it say. A buffer that could not be made is
// often noticed only where it is used: "[Invalid Buffer (unlabeled)] is invalid due to a previous error".
const ofGpu =
  /OUT_OF_(DEVICE|HOST|POOL)_MEMORY|E_OUTOFMEMORY|exceeds the max buffer size|\[Invalid Buffer[^\]]*\] is invalid/;

/** Whether an error means that there is no memory left; each library words it in its own way. */
export function isOutOfMemory(error: unknown): boolean {
  return (
    !(error instanceof SegkitError && error.exitCode !== 1) &&
    [ofProcess, ofGpu].some((text) => text.test(messageOf(error)))
  );
}

/** Lack of memory as a ResourceError that says how much was asked for, as far as that is known. */
export function outOfMemory(error: unknown, hint: string): ResourceError {
  const message = messageOf(error);
  const [, bytes] = /buffer (?:of )?size \(?(\d+)/i.exec(message) ?? [];
  const asked =
    bytes === undefined
      ? message.split("\n")[0]!.slice(0, 100)
      : `another ${Math.ceil(Number(bytes) / 1e6)} MB were needed`;
  return new ResourceError(`out of memory: ${asked}`, { hint, cause: error });
}
