import { relu } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import { webgpuTarget } from "../onnx/target.ts";
import { ConfigError, messageOf } from "../util/errors.ts";
import type { DeviceRuntime } from "./device.ts";
import type { OrtModule } from "./ort.ts";
import { OrtDeviceRuntime } from "./ort-device.ts";

/** How a GPU is used. */
export interface WebGpuOptions {
  /** Convolutions in float16, for which the GPU needs `shader-f16`; weights stay float32. Default false. */
  readonly fp16?: boolean;
}

/**
 * Opens the GPU behind one binding of ONNX Runtime, and tries it out. Throws a ConfigError where there is none, or it has no
 * float16 although that was asked for.
 */
export async function openGpu(ort: OrtModule, { fp16 = false }: WebGpuOptions): Promise<DeviceRuntime> {
  const runtime = new OrtDeviceRuntime(ort, {
    name: "webgpu",
    target: { ...webgpuTarget, half: fp16 },
    provider: {
      name: "webgpu",
      // Anything else moves every picture to another layout and back around each convolution.
      preferredLayout: "NCHW",
      // Shapes never change, so that a buffer of the same size is always at hand.
      storageBufferCacheMode: "simple",
    },
    location: "gpu-buffer",
  });
  const x = input("x", [1, 1, 1, 1]);
  await tryOut(runtime, x, relu(x), noGpu);
  if (fp16) await tryOut(runtime, x, conv2d(x, x), noFloat16);
  return runtime;
}

/** Runs a small program. Throws the error that `explain` makes of what is thrown. */
async function tryOut(
  runtime: DeviceRuntime,
  x: Tensor,
  y: Tensor,
  explain: (cause: unknown) => ConfigError,
): Promise<void> {
  try {
    const program = await runtime.load(lower({ inputs: { x }, outputs: { y } }, runtime.target));
    await program.run({ x: Float32Array.of(1) });
    await program.release();
  } catch (error) {
    throw explain(error);
  }
}

function noGpu(cause: unknown): ConfigError {
  const missing = messageOf(cause).includes("adapter");
  const what = missing ? "there is no GPU that WebGPU can use" : messageOf(cause).split("\n")[0];
  return new ConfigError(`runtime: the webgpu backend does not load: ${what}`, {
    hint: "Use the backend cpu. For the GPU, install its driver: Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS.",
    cause,
  });
}

function noFloat16(cause: unknown): ConfigError {
  return new ConfigError("runtime: this GPU, or its driver, has no float16 (the WebGPU feature shader-f16)", {
    hint: "Train without fp16, which every GPU can.",
    cause,
  });
}
