import { expect, test } from "vitest";
import { relu } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { add } from "../graph/ops/elementwise.ts";
import { input } from "../graph/tensor.ts";
import { compile } from "../runtime/compile.ts";
import { openRuntime } from "../runtime/ort.node.ts";
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

test("results keep their values whether fused, shared between two names or fed straight through", async () => {
  const [x, w] = [input("x", [1, 1, 2, 2]), input("w", [1, 1, 1, 1])];
  const conv = conv2d(x, w);
  const y = relu(conv);
  const program = await compile(await openRuntime({ backend: "cpu" }), {
    inputs: { x, w },
    outputs: { conv, y, again: y, x2: add(y, conv), same: x },
  });
  const result = await program.run({ x: Float32Array.of(1, -2, 3, -4), w: Float32Array.of(2) });
  expect(Object.fromEntries(Object.entries(result).map(([name, data]) => [name, [...data]]))).toEqual({
    conv: [2, -4, 6, -8],
    y: [2, 0, 6, 0],
    again: [2, 0, 6, 0],
    x2: [4, -4, 12, -8],
    same: [1, -2, 3, -4],
  });
  await program.release();
});
