// Times segkit's prediction, the class of every pixel of a picture, one for each line "step" on standard input, as
// peers/inference.py does for PyTorch. --no-constant-weights, --no-fold-batch-norm, --no-channels-last and
// --no-blocked-layout leave an optimisation out.
import { parseArgs } from "node:util";
import { batchOf, modelOf, problemOf, problemOptions, weightsOf } from "./problem.ts";
import { serve, warmUp } from "./protocol.ts";
import { givenSwitches, inferenceSwitchOptions, leftOptimizations, switchedTarget, switchOptions } from "./switches.ts";
import { cast } from "../src/graph/ops/elementwise.ts";
import { argMax } from "../src/graph/ops/reduce.ts";
import { input } from "../src/graph/tensor.ts";
import { optimized } from "../src/inference/optimize.ts";
import { evaluation } from "../src/nn/module.ts";
import { lower } from "../src/onnx/lower.ts";
import { type Backend, openRuntime } from "../src/runtime/ort.node.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    batch: { type: "string", default: "1" },
    size: { type: "string", default: "360x480" },
    threads: { type: "string", default: "2" },
    backend: { type: "string", default: "cpu" },
    warmup: { type: "string", default: "2" },
    ...switchOptions,
    ...inferenceSwitchOptions,
  },
});
const problem = problemOf(values);

const runtime = await openRuntime({ backend: values.backend as Backend, threads: Number(values.threads) });
const model = modelOf(problem);
const state = weightsOf(model);
const { images } = batchOf(problem);

/** How long each part of the set-up took, in seconds. */
const setup: Record<string, number> = {};
async function timed<T>(part: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  setup[part] = (performance.now() - start) / 1000;
  return result;
}

const graph = await timed("graph", () => {
  const x = input("images", [problem.batch, 3, ...problem.size]);
  const predictions = cast(argMax(model.forward(x, evaluation), 1), "uint8");
  return optimized({ inputs: { images: x }, outputs: { predictions } }, model, state, leftOptimizations(values));
});
const program = await timed("lowering", () => lower(graph, switchedTarget(runtime.target, givenSwitches(values))));
const loaded = await timed("session", () => runtime.load(program));
const weights = [...state].flatMap(([name, { data }]) => (name in program.inputs ? [[name, data] as const] : []));
const feeds = { ...Object.fromEntries(weights), images };

async function turn(): Promise<{ seconds: number }> {
  const start = performance.now();
  await loaded.run(feeds);
  return { seconds: (performance.now() - start) / 1000 };
}

await warmUp(Number(values.warmup), turn);
await serve({ engine: `${runtime.name}, ${runtime.threads} threads`, node: process.version, setup }, turn);
await loaded.release();
