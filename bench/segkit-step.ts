// Times segkit's training step, one for each line "step" on standard input, as peers/step.py does for PyTorch.
import { parseArgs } from "node:util";
import { batchOf, modelOf, problemOf, problemOptions, weightsOf } from "./problem.ts";
import { serve, type Turn, warmUp } from "./protocol.ts";
import { givenSwitches, switchedTarget, trainOptions } from "./switches.ts";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { layerGroups } from "../src/models/layer-groups.ts";
import { lower } from "../src/onnx/lower.ts";
import type { FormulaChoices } from "../src/onnx/target.ts";
import { choicesOf } from "../src/runtime/measure-formulas.ts";
import { type Backend, openRuntime } from "../src/runtime/ort.node.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { type MemoryBudget, withinBudget } from "../src/train/memory-budget.ts";
import { trainingGraph } from "../src/train/programs.ts";
import { memoryBeside } from "../src/train/training-memory.ts";
import { measureStep } from "../src/train/step-formulas.ts";
import { parseBytes } from "../src/util/bytes.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    threads: { type: "string", default: "2" },
    backend: { type: "string", default: "cpu" },
    warmup: { type: "string", default: "1" },
    ...trainOptions,
  },
});
const problem = problemOf(values);
const [height, width] = problem.size;
const shape = { n: problem.batch, height, width };

/** How long each part of the set-up took, in seconds. */
const setup: Record<string, number> = {};
async function timed<T>(part: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  setup[part] = (performance.now() - start) / 1000;
  return result;
}

const opened = {
  ...{ backend: values.backend as Backend, threads: Number(values.threads) },
  uncopied: !values["no-uncopied"],
};
const model = modelOf(problem);
const formulas = values.tune ? await timed("formulas", tuned) : {};
const runtime = await openRuntime({ ...opened, formulas });
const engine = new LocalEngine(runtime, { simd: !values["no-simd"] });
const trainable = layerGroups(model)
  .flat()
  .map(({ name }) => name);
const graph = await timed("graph", () => trainingGraph(model, crossEntropy(), shape, { trainable }));
const target = switchedTarget(runtime.target, givenSwitches(values));
const program = await timed("lowering", () => {
  const whole = lower(graph, target);
  return values.memory === undefined ? whole : withinBudget(whole, shape, budget(parseBytes(values.memory)), target);
});
await timed("session", () => engine.define("train", program));
await timed("weights", () => engine.setState(weightsOf(model)));

const { images, masks } = batchOf(problem);
const hypers = Object.fromEntries(trainable.map((name) => [name, { lr: 1e-3, wd: 0.01 }]));

/** Bytes for this process, which neither validates nor writes checkpoints. */
function budget(memory: number): MemoryBudget {
  const { state, batches, process } = memoryBeside(model, crossEntropy(), shape, target);
  return { memory, beside: state + batches + process };
}

/** The formulas that are the fastest here. */
async function tuned(): Promise<FormulaChoices> {
  return choicesOf(await measureStep(await openRuntime(opened), model, crossEntropy(), shape));
}

async function step(): Promise<Turn> {
  const start = performance.now();
  const { loss } = await engine.step("train", { images, masks }, { mom: 0.9, hypers });
  return { seconds: (performance.now() - start) / 1000, loss: Number(loss![0]) };
}

const firstLoss = await warmUp(Number(values.warmup), step);
await serve({ engine: engine.description, node: process.version, firstLoss, setup }, step);
await engine.close();
