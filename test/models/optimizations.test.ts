/** @file What makes a training step faster or leaner changes nothing but rounding: each is left out, and all of them. */
import { beforeAll, expect, test } from "vitest";
import { unet } from "../../src/models/unet/unet.ts";
import { cpuTarget, type LoweringOptimizations, without } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";
import { TrainingStep } from "../support/training-step.ts";

const model = unet({ encoder: new TinyEncoder([32, 32, 64]), classes: 3 });
const step = new TrainingStep(model, { n: 2, height: 64, width: 96 });

let runtime: Runtime;
let expected: Values;
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 1 });
  expected = await step.results(step.program(cpuTarget), runtime);
});

const names = Object.keys(cpuTarget.optimizations) as (keyof LoweringOptimizations)[];

test.each([...names.map((name) => [name, [name]] as const), ["all of them", names] as const])(
  "without %s",
  async (_, left) => {
    const found = await step.results(step.program(without(cpuTarget, left)), runtime);
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) {
      const [whole, other] = [values as Float32Array, found[name] as Float32Array];
      const scale = whole.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
      const off = whole.reduce((most, x, i) => Math.max(most, Math.abs(x - other[i]!)), 0);
      // Where a ReLU's input is next to 0, rounding changes its sign, and a gradient by one pixel.
      expect(off / scale, name).toBeLessThan(5e-3);
    }
  },
);
