// Loads every operator's cases on the GPU, where a gap is an error, and prints the results of its first ones.
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { Bench, opNames, trialsOf } from "../ops/harness.ts";
import type { OperatorResult } from "./operators.ts";

const runtime = await openRuntime({ backend: "webgpu" });
const { target } = runtime;
const results: OperatorResult[] = [];
for (const type of opNames) {
  const trials = trialsOf(type);
  await (await Bench.load(runtime, { target }, trials)).release();
  const bench = await Bench.load(runtime, { target }, trials.slice(0, 3));
  for (const [i, { y, gradients }] of (await bench.run()).entries()) {
    const texts = Object.entries(gradients).map(([name, values]) => [name, Array.from(values, String)] as const);
    const { name } = trials[i]!;
    results.push({ type, name, y: Array.from(y, String), gradients: Object.fromEntries(texts) });
  }
  await bench.release();
}
process.stdout.write(JSON.stringify(results));
