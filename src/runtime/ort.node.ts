import { availableParallelism } from "node:os";
import { cpuTarget, type FormulaChoices, type LoweringTarget, wasmTarget, webgpuTarget } from "../onnx/target.ts";
import { ConfigError, messageOf } from "../util/errors.ts";
import { nextTask } from "../util/next-task.ts";
import { isOutOfMemory, outOfMemory } from "../util/out-of-memory.ts";
import { nativeOrt } from "./native-ort.node.ts";
import { OrtRuntime, returnedResults } from "./ort.ts";
import type { Runtime } from "./runtime.ts";
import { uncopiedResults } from "./uncopied-results.node.ts";
import { openGpu, type WebGpuOptions } from "./webgpu.ts";

/** Where programs run: `cpu` is native, `wasm` is WebAssembly, `webgpu` is a GPU, `auto` is native where that loads. */
export type Backend = keyof typeof openers;

export interface RuntimeOptions extends WebGpuOptions {
  readonly backend?: Backend;
  /** Threads for one operator; default: $SEGKIT_THREADS, or one for each core. */
  readonly threads?: number;
  /** Formulas that `measureFormulas` found to be the fastest; on webgpu they do not count. */
  readonly formulas?: FormulaChoices;
  /** Whether results of the native backend stay where its kernels write them, where that can be; default true. */
  readonly uncopied?: boolean;
  /** Told why, when `auto` falls back to WebAssembly. */
  readonly onFallback?: (reason: string) => void;
}

type Opening = Pick<RuntimeOptions, "onFallback" | "formulas" | "fp16" | "uncopied"> & { readonly threads: number };

const openers = {
  cpu: async ({ threads, formulas = {}, uncopied = true }: Opening): Promise<Runtime> => {
    const ort = await nativeOrt();
    const results = (uncopied && (await uncopiedResults(ort))) || returnedResults;
    const target = { ...cpuTarget, formulas, resultsInPlace: results !== returnedResults };
    return new OrtRuntime(ort, "cpu", target, threads, { results });
  },
  wasm: async ({ threads, formulas = {} }: Opening): Promise<Runtime> => {
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = threads;
    // It blocks the thread and resolves at once: without a pause, a loop of runs would hear of no message and no abort.
    return new OrtRuntime(ort, "wasm", { ...wasmTarget, formulas }, threads, { afterRun: nextTask });
  },
  webgpu: async ({ fp16 = false }: Opening): Promise<Runtime> => openGpu(await nativeOrt(), { fp16 }),
  auto: async (opening: Opening): Promise<Runtime> => {
    try {
      return await openers.cpu(opening);
    } catch (error) {
      if (isOutOfMemory(error)) throw error;
      opening.onFallback?.(
        `the native engine does not load here (${firstLine(error)}); running on WebAssembly, about 3× slower. ` +
          "Where a binary for this platform exists, npm install onnxruntime-node --ignore-scripts brings it.",
      );
      return openers.wasm(opening);
    }
  },
};

/** What programs are lowered to for a backend; the native kernels and those of WebAssembly are the same. */
export const targets: Readonly<Record<Backend, LoweringTarget>> = {
  ...{ cpu: cpuTarget, wasm: wasmTarget, webgpu: webgpuTarget, auto: cpuTarget },
};

const firstLine = (error: unknown): string => messageOf(error).split("\n")[0]!;

/** $SEGKIT_THREADS, or one thread for each core. */
export function defaultThreads(): number {
  const wanted = Number(process.env.SEGKIT_THREADS);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : availableParallelism();
}

/**
 * Opens ONNX Runtime in Node. Throws a ConfigError when the backend asked for cannot load, a ResourceError when
 * there is no memory for it.
 * @example const runtime = await openRuntime({ backend: "auto", threads: 2 });
 */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const { backend = "auto", threads = defaultThreads(), fp16 = false } = options;
  if (fp16 && backend !== "webgpu")
    throw new ConfigError(`runtime: fp16 is for the webgpu backend, not for ${backend}`, {
      hint: "Use the backend webgpu, or leave fp16 out.",
    });
  try {
    return await openers[backend]({ ...options, threads });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (isOutOfMemory(error)) throw outOfMemory(error, "Close other programs, or take fewer threads.");
    throw new ConfigError(`runtime: the ${backend} backend does not load: ${messageOf(error)}`, {
      hint: "Use the backend wasm, which runs everywhere, or reinstall onnxruntime-node.",
      cause: error,
    });
  }
}
