import { expect, test } from "vitest";
import { gradients } from "../../graph/grad.ts";
import { relu } from "../../graph/ops/activation.ts";
import { conv2d } from "../../graph/ops/conv.ts";
import { sum } from "../../graph/ops/reduce.ts";
import { input } from "../../graph/tensor.ts";
import { GraphBuilder } from "../builder.ts";
import { lower } from "../lower.ts";
import { decodeModel, type NodeProto } from "../schema.ts";
import { webgpuTarget } from "../target.ts";

const [float, half] = [1, 10];

/** The nodes that multiply, each with the types of its operands: those of what made them. */
function products(model: Uint8Array): [opType: string, types: (number | undefined)[]][] {
  const { graph } = decodeModel(model);
  const types = new Map([...graph.input, ...graph.initializer].map(({ name }) => [name, float]));
  const typeOf = ({ opType, input: [first], attribute }: NodeProto): number | undefined =>
    opType === "Cast" ? Number(attribute[0]!.i) : types.get(first!);
  const found: [string, (number | undefined)[]][] = [];
  for (const node of graph.node) {
    for (const output of node.output) types.set(output, typeOf(node)!);
    if (["Conv", "ConvTranspose", "MatMul"].includes(node.opType))
      found.push([node.opType, node.input.map((value) => types.get(value))]);
  }
  for (const { name } of graph.output) expect(types.get(name), name).toBe(float);
  return found;
}

test("a convolution and the gradient by its input are float16, the gradient by its weights is not", () => {
  const [x, w] = [input("x", [2, 8, 16, 16]), input("w", [8, 8, 3, 3])];
  const y = relu(conv2d(x, w, null, { stride: 2, padding: 1 }));
  const [dx, dw] = gradients(sum(y), [x, w]);
  const graph = { inputs: { x, w }, outputs: { y, dx: dx!, dw: dw! } };
  const plain = products(lower(graph, webgpuTarget).model);
  expect(new Set(plain.flatMap(([, types]) => types))).toEqual(new Set([float]));
  const mixed = products(lower(graph, { ...webgpuTarget, half: true }).model);
  const spatial = mixed.filter(([opType]) => opType !== "MatMul");
  expect(spatial).toEqual([
    ["Conv", [half, half]],
    ["ConvTranspose", [half, half]],
  ]);
  const weights = mixed.filter(([opType]) => opType === "MatMul");
  expect(weights.length).toBeGreaterThan(0);
  expect(new Set(weights.flatMap(([, types]) => types))).toEqual(new Set([float]));
});

test("a value becomes float16 once, and constants of a lowering with it", () => {
  const b = new GraphBuilder(webgpuTarget);
  expect(b.half("x")).toBe(b.half("x"));
  const product = b.inHalf(() => b.node("Mul", [b.half("x"), b.float(2)]));
  const made = b.nodes.find(({ output }) => output[0] === product)!;
  const casts = b.nodes.filter(({ opType }) => opType === "Cast").map(({ output }) => output[0]);
  expect(casts).toEqual(made.input);
  expect(b.nodes.some(({ input: [first] }) => first === b.float(2))).toBe(true);
});
