import { describe, expect, test } from "vitest";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { unet } from "../models/unet/unet.ts";
import { webgpuTarget } from "../onnx/target.ts";
import { trainingMemory } from "../train/training-memory.ts";
import { ConfigError } from "../util/errors.ts";
import { batchSizeOf } from "./batch-size.ts";
import { Output } from "./output.ts";

const model = unet({ encoder: new TinyEncoder(), classes: 3 });
const size = [32, 48] as const;
const output = new Output({ json: false, out: () => {}, err: () => {}, terminal: false });
const choose = (more: Partial<Parameters<typeof batchSizeOf>[0]>): number =>
  batchSizeOf({ bs: "auto", loss: "crossEntropy", backend: "cpu", fp16: false, ...more }, model, size, 600, output);

describe("--bs auto", () => {
  test("on a GPU, which does not tell what is free, wants --memory", () => {
    expect(() => choose({ backend: "webgpu" })).toThrow(ConfigError);
    expect(() => choose({ backend: "webgpu" })).toThrow(/^--bs auto: WebGPU does not tell/);
    expect(choose({ backend: "webgpu", bs: 3 })).toBe(3);
  });

  test("takes all of --memory, on a GPU of the GPU's", () => {
    const bytes = (n: number): number =>
      trainingMemory(model, crossEntropy(), { n, height: size[0], width: size[1] }, webgpuTarget).total;
    expect(choose({ backend: "webgpu", memory: bytes(4) })).toBe(4);
    expect(choose({ backend: "webgpu", memory: bytes(4) - 1 })).toBe(2);
    // The process itself has no room in that.
    expect(choose({ backend: "cpu", memory: bytes(4) })).toBe(1);
    expect(choose({ backend: "cpu", memory: 64e9 })).toBe(16);
  });
});
