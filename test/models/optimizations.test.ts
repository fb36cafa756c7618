/** @file What makes a training step faster or leaner changes nothing but rounding: each is left out, and all of them. */
import { beforeAll, expect, test } from "vitest";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { initialState } from "../../src/nn/state.ts";
import { cpuTarget, type LoweringOptimizations, without } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import { trainingProgram } from "../../src/train/programs.ts";
import { Random } from "../../src/util/random.ts";
import { valuesOf } from "../support/model-programs.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

const model = unet({ encoder: new TinyEncoder([32, 32, 64]), classes: 3 });
const shape = { n: 2, height: 64, width: 96 };
const trainable = namedParameters(model).map(([name]) => name);
const random = new Random(1);
const pixels = shape.n * shape.height * shape.width;
const feeds = {
  ...valuesOf(initialState(model, new Random(1))),
  images: Float32Array.from({ length: 3 * pixels }, () => random.normal()),
  masks: Int32Array.from({ length: pixels }, () => random.integer(3)),
};

let runtime: Runtime;
let expected: Values;
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 1 });
  expected = await results([]);
});

async function results(left: readonly (keyof LoweringOptimizations)[]): Promise<Values> {
  const program = trainingProgram(model, crossEntropy(), shape, { trainable }, without(cpuTarget, left));
  const loaded = await runtime.load(program);
  try {
    return await loaded.run(feeds);
  } finally {
    await loaded.release();
  }
}

const names = Object.keys(cpuTarget.optimizations) as (keyof LoweringOptimizations)[];

test.each([...names.map((name) => [name, [name]] as const), ["all of them", names] as const])(
  "without %s",
  async (_, left) => {
    const found = await results(left);
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
