import { ConfigError } from "../util/errors.ts";
import type { FileBackend } from "./open-file.ts";

/** Where an exported file runs in a browser: `auto` is the GPU where there is one that works, else WebAssembly. */
export type WebBackendName = "auto" | "wasm" | "webgpu";

interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly isFallbackAdapter?: boolean } } | null>;
}

// A browser's globals, as far as they are needed.
declare const navigator: { readonly gpu?: Gpu; readonly hardwareConcurrency?: number };
declare const crossOriginIsolated: boolean | undefined;

// ONNX Runtime is imported where it is needed: threads of WebAssembly load the file that it ends up in, and would wait for
// the page's own code; and each build has a WebAssembly file of its own.

/**
 * Opens the GPU for exported files.
 * @param software whether a GPU that the browser plays in software will do; WebAssembly is faster than that.
 * @throws ConfigError where there is none.
 */
export async function webGpuBackend({ software }: { readonly software: boolean }): Promise<FileBackend> {
  const fail = (reason: string): never => {
    throw new ConfigError(`runtime: ${reason}`, { hint: "Use the backend wasm." });
  };
  if (!navigator.gpu) return fail("this browser has no WebGPU");
  const adapter =
    (await navigator.gpu.requestAdapter().catch(() => null)) ?? fail("there is no GPU that WebGPU can use");
  if (adapter.info?.isFallbackAdapter && !software) return fail("the browser plays its GPU in software");
  return { ort: await import("onnxruntime-web/webgpu"), backend: "webgpu", threads: 1 };
}

/** Opens WebAssembly for exported files, with threads where the page is cross-origin isolated. */
export async function webAssemblyBackend(threads?: number): Promise<FileBackend> {
  const ort = await import("onnxruntime-web/wasm");
  const isolated = typeof crossOriginIsolated !== "undefined" && crossOriginIsolated;
  const count = isolated ? (threads ?? Math.min(navigator.hardwareConcurrency ?? 1, 8)) : 1;
  ort.env.wasm.numThreads = count;
  return { ort, backend: "wasm", threads: count };
}
