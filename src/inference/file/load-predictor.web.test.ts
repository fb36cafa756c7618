/** @file Where models run in a browser, told by a browser's globals that say this or that. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { demoModel } from "../../../test/support/demo.ts";
import { loadPredictor } from "./load-predictor.web.ts";

let model: Uint8Array;
beforeAll(async () => {
  model = await demoModel();
});

const adapter = { info: { isFallbackAdapter: false }, features: new Set(), limits: {} };
const softwareAdapter = { ...adapter, info: { isFallbackAdapter: true } };
const gpuGiving = (answer: () => Promise<unknown>): object => ({ gpu: { requestAdapter: answer } });

describe("without a GPU that works, auto is WebAssembly and says why", () => {
  test.each([
    ["no WebGPU", {}, "runtime: this browser has no WebGPU"],
    ["no adapter", gpuGiving(async () => null), "runtime: there is no GPU that WebGPU can use"],
    [
      "a failing adapter",
      gpuGiving(() => Promise.reject(new Error("lost"))),
      "runtime: there is no GPU that WebGPU can use",
    ],
    ["a GPU in software", gpuGiving(async () => softwareAdapter), "runtime: the browser plays its GPU in software"],
    // There is an adapter, but what runs the tests has no WebGPU.
    ["a GPU that fails", gpuGiving(async () => adapter), expect.stringMatching(/^model: it cannot be loaded: /)],
  ])("%s", async (_, navigator, reason) => {
    vi.stubGlobal("navigator", navigator);
    const reasons: string[] = [];
    const predictor = await loadPredictor(model, { onFallback: (why) => reasons.push(why) });
    expect(predictor.backend).toBe("wasm, 1 thread");
    expect(reasons).toEqual([reason]);
    const { data } = await predictor.predict({ data: new Uint8Array(3 * 40 * 50), height: 40, width: 50 });
    expect(data).toHaveLength(2000);
    await predictor.release();
    vi.unstubAllGlobals();
  });
});

test("webgpu is an error where there is no GPU, and a damaged file is one everywhere", async () => {
  vi.stubGlobal("navigator", {});
  await expect(loadPredictor(model, { backend: "webgpu" })).rejects.toMatchObject({
    ...{ message: "runtime: this browser has no WebGPU", hint: "Use the backend wasm.", exitCode: 2 },
  });
  await expect(loadPredictor(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ exitCode: 7 });
  vi.unstubAllGlobals();
});
