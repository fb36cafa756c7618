// Times segkit's training step, one for each line "step" on standard input, as peers/step.py does for PyTorch.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { layerGroups } from "../src/models/layer-groups.ts";
import { unet } from "../src/models/unet/unet.ts";
import { initialState } from "../src/nn/state.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { trainingProgram } from "../src/train/programs.ts";
import { Random } from "../src/util/random.ts";

const { values } = parseArgs({
  options: {
    batch: { type: "string", default: "4" },
    size: { type: "string", default: "192x256" },
    classes: { type: "string", default: "12" },
    encoder: { type: "string", default: "resnet34" },
    threads: { type: "string", default: "2" },
    backend: { type: "string", default: "cpu" },
    warmup: { type: "string", default: "2" },
  },
});
const [n, classes] = [Number(values.batch), Number(values.classes)];
const [height, width] = values.size.split("x").map(Number) as [number, number];

const runtime = await openRuntime({ backend: values.backend as "cpu", threads: Number(values.threads) });
const engine = new LocalEngine(runtime);
const model = unet({ encoder: values.encoder as "resnet34", classes });
const trainable = layerGroups(model)
  .flat()
  .map(({ name }) => name);
const random = new Random(1);
await engine.setState(initialState(model, random.split("weights")));
await engine.define(
  "train",
  trainingProgram(model, crossEntropy(), { n, height, width }, { trainable }, runtime.target),
);

const images = Float32Array.from({ length: n * 3 * height * width }, () => random.normal());
const masks = Int32Array.from({ length: n * height * width }, () => random.integer(classes));
const hypers = Object.fromEntries(trainable.map((name) => [name, { lr: 1e-3, wd: 0.01 }]));

async function step(): Promise<{ seconds: number; loss: number }> {
  const start = performance.now();
  const { loss } = await engine.step("train", { images, masks }, { mom: 0.9, hypers });
  return { seconds: (performance.now() - start) / 1000, loss: Number(loss![0]) };
}

const say = (message: object): void => console.log(JSON.stringify(message));
for (let i = 0; i < Number(values.warmup); i++) await step();
say({ ready: true, engine: engine.description, node: process.version });
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "end") break;
  say(await step());
}
say({ peakBytes: process.resourceUsage().maxRSS * 1024 });
await engine.close();
process.stdin.destroy();
