/** @file Training programs that compute parts of their forward pass again, beside those that keep everything. */
import { beforeAll, expect, test } from "vitest";
import { unet } from "../../src/models/unet/unet.ts";
import type { LoweredProgram } from "../../src/onnx/lower.ts";
import { activationBytes } from "../../src/onnx/peak-memory.ts";
import { recomputed } from "../../src/onnx/recompute.ts";
import { decodeModel } from "../../src/onnx/schema.ts";
import { cpuTarget } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";
import { TrainingStep } from "../support/training-step.ts";

const model = unet({ encoder: new TinyEncoder(), classes: 3, blur: true });
const step = new TrainingStep(model, { n: 2, height: 64, width: 96 });
const plain = step.program(cpuTarget);
const bytes = activationBytes(plain, cpuTarget);

let runtime: Runtime;
let expected: Values;
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 1 });
  expected = await step.results(plain, runtime);
});

const sizeOf = (program: LoweredProgram): number => decodeModel(program.model).graph.node.length;

test.each([0.9, 0.7])("within %d of the memory: the same loss, gradients and buffers, bit by bit", async (share) => {
  const lean = recomputed(plain, share * bytes, cpuTarget);
  expect(activationBytes(lean, cpuTarget)).toBeLessThanOrEqual(share * bytes);
  expect(sizeOf(lean)).toBeGreaterThan(sizeOf(plain));
  const actual = await step.results(lean, runtime);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(actual)) expect(values, name).toEqual(expected[name]);
});

test("nothing changes where the memory is enough", () => {
  expect(recomputed(plain, bytes, cpuTarget)).toBe(plain);
});

test.each([
  { resultsInPlace: false, most: 0.7 },
  { resultsInPlace: true, most: 0.8 },
])("the leanest program that there is, where none is lean enough: %o", async ({ resultsInPlace, most }) => {
  const target = { ...cpuTarget, resultsInPlace };
  const leanest = recomputed(plain, 0, target);
  expect(activationBytes(leanest, target)).toBeGreaterThan(0);
  expect(activationBytes(leanest, target)).toBeLessThan(most * activationBytes(plain, target));
  const actual = await step.results(leanest, runtime);
  for (const [name, values] of Object.entries(actual)) expect(values, name).toEqual(expected[name]);
});
