import { availableParallelism } from "node:os";
import { cpuTarget, type LoweringTarget, wasmTarget, webgpuTarget } from "../onnx/target.ts";
import { ConfigError, messageOf } from "../util/errors.ts";
import { nextTask } from "../util/next-task.ts";
import { nativeOrt } from "./native-ort.node.ts";
import { OrtRuntime } from "./ort.ts";
import type { Runtime } from "./runtime.ts";
import { openGpu, type WebGpuOptions } from "./webgpu.ts";

/** Where programs run: `cpu` is native, `wasm` is WebAssembly, `webgpu` is a GPU, `auto` is native where that loads. */
export type Backend = keyof typeof openers;

export interface RuntimeOptions extends WebGpuOptions {
  readonly backend?: Backend;
  /** Threads for one operator; default: $SEGKIT_THREADS, or one for each core. */
  readonly threads?: number;
  /** Told why, when `auto` falls back to WebAssembly. */
  readonly onFallback?: (reason: string) => void;
}

const openers = {
  cpu: async (threads: number): Promise<Runtime> => {
    return new OrtRuntime(await nativeOrt(), "cpu", cpuTarget, threads);
  },
  wasm: async (threads: number): Promise<Runtime> => {
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = threads;
    // It blocks the thread and resolves at once: without a pause, a loop of runs would hear of no message and no abort.
    return new OrtRuntime(ort, "wasm", wasmTarget, threads, nextTask);
  },
  webgpu: async (_threads: number, _onFallback: unknown, gpu: WebGpuOptions): Promise<Runtime> =>
    openGpu(await nativeOrt(), gpu),
  auto: async (threads: number, onFallback?: (reason: string) => void): Promise<Runtime> => {
    try {
      return await openers.cpu(threads);
    } catch (error) {
      onFallback?.(
        `the native engine does not load here (${firstLine(error)}); running on WebAssembly, about 3× slower. ` +
          "Where a binary for this platform exists, npm install onnxruntime-node --ignore-scripts brings it.",
      );
      return openers.wasm(threads);
    }
  },
};

/** What programs are lowered to for a backend; the native kernels and those of WebAssembly are the same. */
export const targets: Readonly<Record<Backend, LoweringTarget>> = {
  ...{ cpu: cpuTarget, wasm: wasmTarget, webgpu: webgpuTarget, auto: cpuTarget },
};

const firstLine = (error: unknown): string => messageOf(error).split("\n")[0]!;

function defaultThreads(): number {
  const wanted = Number(process.env.SEGKIT_THREADS);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : availableParallelism();
}

/**
 * Opens ONNX Runtime in Node. Throws a ConfigError when the backend asked for cannot load.
 * @example const runtime = await openRuntime({ backend: "auto", threads: 2 });
 */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const { backend = "auto", threads = defaultThreads(), onFallback, fp16 = false } = options;
  if (fp16 && backend !== "webgpu")
    throw new ConfigError(`runtime: fp16 is for the webgpu backend, not for ${backend}`, {
      hint: "Use the backend webgpu, or leave fp16 out.",
    });
  try {
    return await openers[backend](threads, onFallback, { fp16 });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`runtime: the ${backend} backend does not load: ${messageOf(error)}`, {
      hint: "Use the backend wasm, which runs everywhere, or reinstall onnxruntime-node.",
      cause: error,
    });
  }
}
