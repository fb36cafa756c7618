import { ConfigError } from "../util/errors.ts";
import type { FileBackend } from "./open-file.ts";

/** Where an exported file runs in a browser: `auto` is the GPU where there is one, else WebAssembly. */
export type WebBackendName = "auto" | "wasm" | "webgpu";

interface Gpu {
  requestAdapter(): Promise<unknown>;
}

// A browser's globals, as far as they are needed.
declare const navigator: { readonly gpu?: Gpu; readonly hardwareConcurrency?: number };
declare const crossOriginIsolated: boolean | undefined;

/**
 * Opens ONNX Runtime for exported files. WebAssembly has threads where the page is cross-origin isolated. Throws a
 * ConfigError where the GPU asked for is not there.
 */
export async function webBackend(wanted: WebBackendName, threads?: number): Promise<FileBackend> {
  // Not a static import: threads of WebAssembly load the file that it ends up in, and would wait for the page's own code.
  const ort = await import("onnxruntime-web/webgpu");
  const adapter = wanted === "wasm" ? null : await navigator.gpu?.requestAdapter().catch(() => null);
  if (adapter) return { ort, backend: "webgpu", threads: 1 };
  if (wanted === "webgpu")
    throw new ConfigError("runtime: there is no GPU that WebGPU can use", { hint: "Use the backend wasm." });
  const isolated = typeof crossOriginIsolated !== "undefined" && crossOriginIsolated;
  const count = isolated ? (threads ?? Math.min(navigator.hardwareConcurrency ?? 1, 8)) : 1;
  ort.env.wasm.numThreads = count;
  return { ort, backend: "wasm", threads: count };
}
