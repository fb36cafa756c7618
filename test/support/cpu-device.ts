import * as ort from "onnxruntime-node";
import { type LoweringTarget, webgpuTarget } from "../../src/onnx/target.ts";
import type { DeviceRuntime } from "../../src/runtime/device.ts";
import { OrtDeviceRuntime } from "../../src/runtime/ort-device.ts";

/** The native CPU kernels in the part of a GPU: programs lowered for it, values that stay where they are. */
export function cpuDevice(target: Partial<LoweringTarget> = {}): DeviceRuntime {
  return new OrtDeviceRuntime(ort, {
    ...{ name: "device", location: "cpu", provider: "cpu" },
    target: { ...webgpuTarget, ...target },
  });
}
