import { workerData } from "node:worker_threads";
import { isDeviceRuntime } from "../runtime/device.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { answerCalls } from "../util/answer-calls.node.ts";
import { DeviceEngine } from "./device-engine.ts";
import { LocalEngine } from "./engine.ts";
import type { EngineMethods, EngineReady, EngineSetup } from "./engine-protocol.node.ts";

await answerCalls<EngineMethods>(async () => {
  const { optimizer, ...options } = workerData as EngineSetup;
  let fallback: string | undefined;
  const runtime = await openRuntime({ ...options, onFallback: (reason) => (fallback = reason) });
  const engine = isDeviceRuntime(runtime) ? new DeviceEngine(runtime, optimizer) : new LocalEngine(runtime, optimizer);
  const { description, target } = engine;
  return { methods: engine, ready: { description, target, fallback } satisfies EngineReady };
});
