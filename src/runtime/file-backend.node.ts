import { availableParallelism } from "node:os";
import { ConfigError, messageOf } from "../util/errors.ts";
import { nativeOrt } from "./native-ort.node.ts";
import type { FileBackend } from "./open-file.ts";

/** Where an exported file runs in Node: `auto` is the processor, natively where that loads, else WebAssembly. */
export type NodeBackendName = "auto" | "cpu" | "wasm" | "webgpu";

/** Opens ONNX Runtime for exported files. Throws a ConfigError when the backend asked for does not load. */
export async function nodeBackend(wanted: NodeBackendName, threads?: number): Promise<FileBackend> {
  const count = threads ?? availableParallelism();
  try {
    if (wanted === "wasm") return await wasm(count);
    return { ort: await nativeOrt(), backend: wanted === "auto" ? "cpu" : wanted, threads: count };
  } catch (error) {
    if (wanted === "auto") return wasm(count);
    throw new ConfigError(`runtime: the ${wanted} backend does not load: ${messageOf(error).split("\n")[0]}`, {
      hint: "Use the backend wasm, which runs everywhere.",
      cause: error,
    });
  }
}

async function wasm(threads: number): Promise<FileBackend> {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = threads;
  return { ort, backend: "wasm", threads };
}
