/** @file Runs in a browser: a Learner on the GPU and in WebAssembly. */
import { DeviceEngine, LocalEngine, openWasm, openWebGpu } from "../../src/index.web.ts";
import { type Learned, learnStreets } from "./learning.ts";

const runs: Readonly<Record<string, () => Promise<Learned>>> = {
  webgpu: async () => learnStreets(new DeviceEngine(await openWebGpu()), await openWasm()),
  wasm: async () => learnStreets(new LocalEngine(await openWasm())),
};

const results: Record<string, Learned | { readonly error: string }> = {};
for (const [name, run] of Object.entries(runs))
  results[name] = await run().catch((error: unknown) => ({ error: String(error) }));
await fetch("/result", { method: "POST", body: JSON.stringify(results) });
