/** @file Runs in a browser: a Learner on the GPU and in WebAssembly. */
import { DeviceEngine, type Engine, LocalEngine, openWasm, openWebGpu } from "../../src/index.web.ts";
import { type Learned, learnStreets } from "./learning.ts";

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  webgpu: async () => new DeviceEngine(await openWebGpu()),
  wasm: async () => new LocalEngine(await openWasm()),
};

const results: Record<string, Learned | { readonly error: string }> = {};
for (const [name, open] of Object.entries(engines))
  results[name] = await open()
    .then(learnStreets)
    .catch((error: unknown) => ({ error: String(error) }));
await fetch("/result", { method: "POST", body: JSON.stringify(results) });
