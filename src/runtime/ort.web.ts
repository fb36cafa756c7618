import type { DeviceRuntime } from "./device.ts";
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
