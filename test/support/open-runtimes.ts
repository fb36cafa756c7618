/** @file Runs a program on ONNX Runtime, in this thread or in an engine's. */
import { mul } from "../../src/graph/ops/elementwise.ts";
import { input } from "../../src/graph/tensor.ts";
import { lower } from "../../src/onnx/lower.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { openEngine } from "../../src/train/engine-thread.node.ts";
import { LocalEngine } from "../../src/train/engine.ts";

const engine =
  process.argv[2] === "thread"
    ? await openEngine({ backend: "cpu" })
    : new LocalEngine(await openRuntime({ backend: "cpu" }));
const x = input("x", [2]);
await engine.define("double", lower({ inputs: { x }, outputs: { double: mul(x, 2) } }, engine.target));
const { double } = await engine.infer("double", { x: Float32Array.of(1, 2) });
if (double?.[1] !== 4) throw new Error(`2 times 2 is ${double?.[1]}`);
await engine.close();
