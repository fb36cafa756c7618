import { parentPort, workerData } from "node:worker_threads";
import { isDeviceRuntime } from "../runtime/device.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { packError } from "../util/error-record.ts";
import { DeviceEngine } from "./device-engine.ts";
import { LocalEngine } from "./engine.ts";
import type { EngineReply, EngineRequest, EngineSetup } from "./engine-protocol.node.ts";
import { buffersIn } from "../util/transfer.ts";

const port = parentPort!;
const post = (reply: EngineReply): void =>
  port.postMessage(reply, [...buffersIn("value" in reply ? reply.value : null)]);

try {
  const { optimizer, ...options } = workerData as EngineSetup;
  let fallback: string | undefined;
  const runtime = await openRuntime({ ...options, onFallback: (reason) => (fallback = reason) });
  const engine = isDeviceRuntime(runtime) ? new DeviceEngine(runtime, optimizer) : new LocalEngine(runtime, optimizer);
  let turn: Promise<void> = Promise.resolve();
  const answer = async ({ id, method, args }: EngineRequest): Promise<void> => {
    try {
      // The client's method of the same name was called with these arguments, so they fit.
      const call = engine[method] as (...args: unknown[]) => Promise<unknown>;
      post({ kind: "result", id, value: await call.apply(engine, [...args]) });
    } catch (error) {
      post({ kind: "error", id, error: packError(error) });
    }
  };
  port.on("message", (request: EngineRequest) => {
    turn = turn.then(() => answer(request));
  });
  post({ kind: "ready", description: engine.description, target: engine.target, fallback });
} catch (error) {
  post({ kind: "failed", error: packError(error) });
}
