import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.ts";
import { fuseConvRelu } from "./fuse.ts";
import { cpuTarget } from "./target.ts";

const types = (builder: GraphBuilder, kept: readonly string[] = []): string[] =>
  fuseConvRelu(builder.nodes, new Set(kept)).map(({ opType }) => opType);

test("a convolution that only a ReLU reads becomes one node with the ReLU's output", () => {
  const b = new GraphBuilder(cpuTarget);
  const y = b.node("Relu", [b.node("Conv", ["x", "w"])]);
  b.node("Exp", [y]);
  expect(types(b)).toEqual(["FusedConv", "Exp"]);
  expect(fuseConvRelu(b.nodes, new Set())[0]!.output).toEqual([y]);
});

test("a convolution read elsewhere, or asked for as a result, stays", () => {
  const b = new GraphBuilder(cpuTarget);
  const conv = b.node("Conv", ["x", "w"]);
  b.node("Add", [b.node("Relu", [conv]), conv]);
  expect(types(b)).toEqual(["Conv", "Relu", "Add"]);
  const alone = new GraphBuilder(cpuTarget);
  const result = alone.node("Conv", ["x", "w"]);
  alone.node("Relu", [result]);
  expect(types(alone, [result])).toEqual(["Conv", "Relu"]);
});
