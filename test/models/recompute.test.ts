/** @file Training programs that compute parts of their forward pass again, beside those that keep everything. */
import { beforeAll, expect, test } from "vitest";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { initialState } from "../../src/nn/state.ts";
import type { LoweredProgram } from "../../src/onnx/lower.ts";
import { activationBytes } from "../../src/onnx/peak-memory.ts";
import { recomputed } from "../../src/onnx/recompute.ts";
import { decodeModel } from "../../src/onnx/schema.ts";
import { cpuTarget } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import { trainingProgram } from "../../src/train/programs.ts";
import { Random } from "../../src/util/random.ts";
import { valuesOf } from "../support/model-programs.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

const model = unet({ encoder: new TinyEncoder(), classes: 3, blur: true });
const shape = { n: 2, height: 64, width: 96 };
const trainable = namedParameters(model).map(([name]) => name);
const plain = trainingProgram(model, crossEntropy(), shape, { trainable }, cpuTarget);
const bytes = activationBytes(plain, cpuTarget);
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
  expected = await results(plain);
});

async function results(program: LoweredProgram): Promise<Values> {
  const loaded = await runtime.load(program);
  const values = await loaded.run(feeds);
  await loaded.release();
  return values;
}

const sizeOf = (program: LoweredProgram): number => decodeModel(program.model).graph.node.length;

test.each([0.9, 0.7])("within %d of the memory: the same loss, gradients and buffers, bit by bit", async (share) => {
  const lean = recomputed(plain, share * bytes, cpuTarget);
  expect(activationBytes(lean, cpuTarget)).toBeLessThanOrEqual(share * bytes);
  expect(sizeOf(lean)).toBeGreaterThan(sizeOf(plain));
  const actual = await results(lean);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(actual)) expect(values, name).toEqual(expected[name]);
});

test("nothing changes where the memory is enough", () => {
  expect(recomputed(plain, bytes, cpuTarget)).toBe(plain);
});

test("the leanest program that there is, where none is lean enough", async () => {
  const leanest = recomputed(plain, 0, cpuTarget);
  expect(activationBytes(leanest, cpuTarget)).toBeGreaterThan(0);
  expect(activationBytes(leanest, cpuTarget)).toBeLessThan(0.7 * bytes);
  const actual = await results(leanest);
  for (const [name, values] of Object.entries(actual)) expect(values, name).toEqual(expected[name]);
});
