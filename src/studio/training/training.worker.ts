/** @file A thread that trains, so that the page stays responsive. */
import { openWasm, openWebGpu } from "../../runtime/ort.web.ts";
import { type WebBackendName, webGpuBackend } from "../../runtime/file-backend.web.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { DeviceEngine } from "../../train/device-engine.ts";
import { LocalEngine } from "../../train/engine.ts";
import { IndexedDbHost } from "../../train/indexed-db-host.web.ts";
import { messageOf } from "../../util/errors.ts";
import type { TrainingRequest } from "./protocol.ts";
import { Trainer, type TrainerTools } from "./trainer.ts";

/** A small network keeps no more of them busy. */
const mostThreads = 4;

let processor: Promise<Runtime> | undefined;
const openProcessor = (): Promise<Runtime> => {
  const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, mostThreads) : 1;
  return (processor ??= openWasm(threads));
};

async function openEngine(backend: WebBackendName): ReturnType<TrainerTools["openEngine"]> {
  const onProcessor = async (reason?: string) => ({ engine: new LocalEngine(await openProcessor()), reason });
  if (backend === "wasm") return onProcessor();
  try {
    await webGpuBackend({ software: backend === "webgpu" });
    return { engine: new DeviceEngine(await openWebGpu()), reason: undefined };
  } catch (error) {
    if (backend === "webgpu") throw error;
    return onProcessor(`Not on the GPU: ${messageOf(error).replace(/^runtime: /, "")}.`);
  }
}

const trainer = new Trainer({
  ...{ host: new IndexedDbHost("segkit training"), openEngine, openProcessor },
  tell: (event) => postMessage(event),
});

addEventListener("message", ({ data }: MessageEvent<TrainingRequest>) => void trainer.hear(data));
