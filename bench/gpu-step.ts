// Times segkit's training step on a GPU, one for each line "step" on standard input, as segkit-step.ts does on the CPU.
import { parseArgs } from "node:util";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { layerGroups } from "../src/models/layer-groups.ts";
import { isDeviceRuntime } from "../src/runtime/device.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { DeviceEngine } from "../src/train/device-engine.ts";
import { trainingProgram } from "../src/train/programs.ts";
import { batchOf, modelOf, problemOf, problemOptions, weightsOf } from "./problem.ts";
import { serve, type Turn, warmUp } from "./protocol.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    threads: { type: "string" },
    fp16: { type: "boolean", default: false },
    warmup: { type: "string", default: "3" },
  },
});
const problem = problemOf(values);
const [height, width] = problem.size;
const runtime = await openRuntime({ backend: "webgpu", fp16: values.fp16 });
if (!isDeviceRuntime(runtime)) throw new Error("internal: the webgpu backend is no device");
const engine = new DeviceEngine(runtime);
const model = modelOf(problem);
const trainable = layerGroups(model)
  .flat()
  .map(({ name }) => name);
const shape = { n: problem.batch, height, width };
await engine.setState(weightsOf(model));
await engine.define("train", trainingProgram(model, crossEntropy(), shape, { trainable }, engine.target));

const { images, masks } = batchOf(problem);
const hypers = Object.fromEntries(trainable.map((name) => [name, { lr: 1e-3, wd: 0.01 }]));

async function step(): Promise<Turn> {
  const start = performance.now();
  const { loss } = await engine.step("train", { images, masks }, { mom: 0.9, hypers });
  return { seconds: (performance.now() - start) / 1000, loss: Number(loss![0]) };
}

const firstLoss = await warmUp(Number(values.warmup), step);
await serve({ engine: engine.description, node: process.version, firstLoss }, step);
await engine.close();
