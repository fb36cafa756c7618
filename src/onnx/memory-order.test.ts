import { expect, test } from "vitest";
import { gradients } from "../graph/grad.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { relu } from "../graph/ops/activation.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { executionOrder } from "./execution-order.ts";
import { lower, type ProgramGraph } from "./lower.ts";
import { memoryOrder } from "./memory-order.ts";
import { decodeModel, type NodeProto } from "./schema.ts";
import { cpuTarget, without } from "./target.ts";

const deep = (depth: number): ProgramGraph => {
  const images = input("images", [2, 8, 32, 32]);
  const weights = Array.from({ length: depth }, (_, i) => input(`w${i}`, [8, 8, 3, 3]));
  let x: Tensor = images;
  for (const weight of weights) x = relu(conv2d(x, weight, null, { padding: 1 }));
  const found = gradients(sum(mul(x, x)), weights);
  const outputs = Object.fromEntries(found.map((gradient, i) => [`g${i}`, gradient]));
  return { inputs: { images, ...Object.fromEntries(weights.map((w, i) => [`w${i}`, w])) }, outputs };
};
const program = (order: boolean) => lower(deep(8), order ? cpuTarget : without(cpuTarget, ["memoryOrder"]));

test("the gradient of the last weight is the first to be ready", () => {
  const { graph } = decodeModel(program(true).model);
  const results = executionOrder(graph.node)
    .flatMap(({ output }) => output)
    .filter((value) => value.startsWith("g"));
  expect(results).toEqual(["g7", "g6", "g5", "g4", "g3", "g2", "g1", "g0"]);
});

test("lists the same nodes, each after those it reads", () => {
  const nodes = decodeModel(program(false).model).graph.node;
  const ordered = memoryOrder(nodes);
  expect(ordered).toHaveLength(nodes.length);
  expect(new Set(ordered)).toEqual(new Set(nodes));
  const made = new Set<string>();
  const known = new Set(nodes.flatMap(({ output }) => output));
  for (const { input: values, output } of ordered) {
    expect(values.every((value) => made.has(value) || !known.has(value))).toBe(true);
    for (const value of output) made.add(value);
  }
});

test("puts a mask beside its use", () => {
  const node = (opType: string, inputs: string[], output: string): NodeProto => ({
    name: output,
    opType,
    input: inputs,
    output: [output],
    attribute: [],
  });
  const nodes = [
    node("Conv", ["x"], "y"),
    node("Conv", ["y"], "z"),
    node("HardSigmoid", ["y"], "mask"),
    node("Conv", ["z"], "dz"),
    node("Mul", ["dz", "mask"], "dy"),
  ];
  const run = (list: readonly NodeProto[]) => executionOrder(list).map(({ name }) => name);
  expect(run(memoryOrder(nodes))).toEqual(["y", "z", "dz", "mask", "dy"]);
});
