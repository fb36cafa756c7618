import { describe, expect, test } from "vitest";
import { input } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import { webgpuTarget } from "../onnx/target.ts";
import type { OrtModule } from "./ort.ts";
import { OrtDeviceRuntime } from "./ort-device.ts";
import { openRuntime } from "./ort.node.ts";
import { openGpu } from "./webgpu.ts";

/** What happened, in order. */
let log: string[] = [];

/** ONNX Runtime whose sessions give out what they are fed and note what is done with it. */
function fakeOrt(fail: (call: "create" | "run", count: number) => void = () => {}): OrtModule {
  let [sessions, runs] = [0, 0];
  class Tensor {
    readonly data: unknown;
    constructor(_type: string, data: unknown) {
      this.data = data;
    }
    dispose(): void {
      log.push("dispose");
    }
  }
  const create = async (_model: Uint8Array, options: object) => {
    fail("create", ++sessions);
    log.push(`create ${JSON.stringify(options)}`);
    return {
      run: async (feeds: Record<string, Tensor>) => {
        fail("run", ++runs);
        return { y: new Tensor("float32", feeds["x"]!.data) };
      },
      release: async () => void log.push("release"),
    };
  };
  return { InferenceSession: { create }, Tensor } as unknown as OrtModule;
}

const failing = (message: string, on: "create" | "run", count: number): OrtModule =>
  fakeOrt((call, n) => {
    if (call === on && n === count) throw new Error(message);
  });

describe("a GPU", () => {
  test("is used without the CPU's kernels, in the layout of the graph", async () => {
    log = [];
    const runtime = await openGpu(fakeOrt(), {});
    expect([runtime.name, runtime.target]).toEqual(["webgpu", webgpuTarget]);
    expect(JSON.parse(log[0]!.slice("create ".length))).toMatchObject({
      executionProviders: [{ name: "webgpu", preferredLayout: "NCHW", storageBufferCacheMode: "simple" }],
      preferredOutputLocation: { y: "cpu" },
      extra: { session: { disable_cpu_ep_fallback: "1" } },
    });
  });

  test("computes convolutions in float16 when that was asked for and it can", async () => {
    expect((await openGpu(fakeOrt(), { fp16: true })).target.half).toBe(true);
  });

  test.each([
    ["there is none", failing("x was false. Failed to get a WebGPU adapter: none", "create", 1), false],
    ["a program fails", failing("device lost\nat line 3", "run", 1), false],
    ["it has no float16", failing("requires f16", "run", 2), true],
  ])("is an error where %s", async (_, ort, fp16) => {
    const error: unknown = await openGpu(ort, { fp16 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ConfigError", exitCode: 2 });
    expect(String(error)).toBe(
      {
        "there is none": "ConfigError: runtime: the webgpu backend does not load: there is no GPU that WebGPU can use",
        "a program fails": "ConfigError: runtime: the webgpu backend does not load: device lost",
        "it has no float16":
          "ConfigError: runtime: this GPU, or its driver, has no float16 (the WebGPU feature shader-f16)",
      }[_],
    );
  });

  test("only: the CPU has no use for float16", async () => {
    await expect(openRuntime({ backend: "cpu", fp16: true })).rejects.toThrow(
      "runtime: fp16 is for the webgpu backend, not for cpu",
    );
  });
});

describe("tensors on a device", () => {
  const x = input("x", [1]);
  const load = async () => {
    const runtime = new OrtDeviceRuntime(fakeOrt(), {
      ...{ name: "fake", target: webgpuTarget, provider: "webgpu", location: "gpu-buffer" },
    });
    return runtime.loadResident(lower({ inputs: { x }, outputs: { y: x } }, webgpuTarget), new Set(["y"]));
  };

  test("are disposed of before the session that made them, and once", async () => {
    const program = await load();
    const { kept, values } = await program.run({ x: Float32Array.of(1) }, {});
    const { kept: again } = await program.run({}, { x: kept["y"]! });
    expect(values).toEqual({});
    log = [];
    await program.release();
    expect(log).toEqual([]);
    kept["y"]!.dispose();
    kept["y"]!.dispose();
    again["y"]!.dispose();
    await program.release();
    expect(log).toEqual(["dispose", "dispose", "release"]);
  });

  test("that none are made of need not be waited for", async () => {
    const program = await load();
    log = [];
    await program.release();
    await program.release();
    expect(log).toEqual(["release"]);
  });

  test("an input that is neither fed nor there is named", async () => {
    const program = await load();
    await expect(program.run({}, {})).rejects.toThrow("run: expected 1 values for input x [1], but received none");
  });
});
