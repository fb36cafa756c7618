import { expect, test } from "vitest";
import { runGraph } from "../../test/support/run-graph.ts";
import { input } from "../graph/tensor.ts";
import { BatchNorm2d } from "./batch-norm.ts";
import { evaluation, Training } from "./module.ts";

const values = Float32Array.of(1, 2, 3, 4, 5, 7, 10, 20, 30, 40, 50, 71, 0, 0, 0, 0, 0, 6, 3, 3, 3, 3, 3, 3);
const channel = [1, 2, 3, 4, 5, 7, 0, 0, 0, 0, 0, 6];
const mean = channel.reduce((a, b) => a + b) / 12;
const squares = channel.reduce((total, v) => total + (v - mean) ** 2, 0);

test("training: normalises by the batch and moves the running statistics, the variance unbiased", async () => {
  const bn = new BatchNorm2d(2);
  const x = input("x", [2, 2, 2, 3]);
  const context = new Training();
  const y = bn.forward(x, context);
  const next = { mean: context.updates.get(bn.runningMean)!, variance: context.updates.get(bn.runningVar)! };
  const feeds = new Map([
    [x, values],
    [bn.weight.tensor, Float32Array.of(2, 1)],
    [bn.bias.tensor, Float32Array.of(0.5, 0)],
    [bn.runningMean.tensor, Float32Array.of(10, 0)],
    [bn.runningVar.tensor, Float32Array.of(3, 1)],
  ]);
  const results = await runGraph({ y, ...next }, feeds);
  expect(Number(results.y![0])).toBeCloseTo((2 * (1 - mean)) / Math.sqrt(squares / 12 + 1e-5) + 0.5, 5);
  expect(Number(results.mean![0])).toBeCloseTo(0.9 * 10 + 0.1 * mean, 5);
  expect(Number(results.variance![0])).toBeCloseTo(0.9 * 3 + (0.1 * squares) / 11, 5);
});

test("evaluation: normalises by the running statistics and changes nothing", async () => {
  const bn = new BatchNorm2d(1);
  const x = input("x", [1, 1, 1, 2]);
  const feeds = new Map([
    [x, Float32Array.of(4, 8)],
    [bn.weight.tensor, Float32Array.of(3)],
    [bn.bias.tensor, Float32Array.of(1)],
    [bn.runningMean.tensor, Float32Array.of(2)],
    [bn.runningVar.tensor, Float32Array.of(4)],
  ]);
  const { y } = await runGraph({ y: bn.forward(x, evaluation) }, feeds);
  expect(Number(y![0])).toBeCloseTo(4, 4);
  expect(Number(y![1])).toBeCloseTo(10, 4);
});

test("one value per channel has no variance to train on", () => {
  const x = input("x", [1, 4, 1, 1]);
  expect(() => new BatchNorm2d(4).forward(x, new Training())).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: BatchNorm2d: expected more than one value per channel in training, but received [1, 4, 1, 1]]`,
  );
  expect(new BatchNorm2d(4).forward(x, evaluation).shape).toEqual([1, 4, 1, 1]);
});
