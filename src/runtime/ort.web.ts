import { wasmTarget } from "../onnx/target.ts";
import type { DeviceRuntime } from "./device.ts";
import { nextTask } from "../util/next-task.ts";
import { OrtRuntime } from "./ort.ts";
import type { Runtime } from "./runtime.ts";
import { openGpu, type WebGpuOptions } from "./webgpu.ts";

/**
 * Opens the GPU in a browser. Throws a ConfigError where the browser has no WebGPU or finds no GPU for it, or where float16
 * is asked for and the GPU has none.
 * @example const engine = new DeviceEngine(await openWebGpu());
 */
export async function openWebGpu(options: WebGpuOptions = {}): Promise<DeviceRuntime> {
  // Not a static import: threads of WebAssembly load the file that it ends up in, and would wait for the page's own code.
  const ort = await import("onnxruntime-web/webgpu");
  return openGpu(ort, options);
}

/**
 * Opens ONNX Runtime as WebAssembly in a browser. A run blocks its thread, which between two runs hears of messages and
 * aborts. More than one thread needs a page that is cross-origin isolated; without that it is one.
 * @param threads default 1.
 * @example const engine = new LocalEngine(await openWasm(4));
 */
export async function openWasm(threads = 1): Promise<Runtime> {
  const ort = await import("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = threads;
  return new OrtRuntime(ort, "wasm", wasmTarget, threads, { afterRun: nextTask });
}
