// Runs in a browser: trains a tiny U-Net on the GPU and sends what came of it to the server that the page is from.
import { openWebGpu } from "../../src/runtime/ort.web.ts";
import { DeviceEngine } from "../../src/train/device-engine.ts";
import { trainTiny } from "./training.ts";

const result = await openWebGpu()
  .then((runtime) => trainTiny(new DeviceEngine(runtime), 2))
  .catch((error: unknown) => ({ error: String(error) }));
await fetch("/result", { method: "POST", body: JSON.stringify(result) });
