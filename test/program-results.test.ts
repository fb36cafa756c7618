import { expect, test } from "vitest";
import { relu } from "../src/graph/ops/activation.ts";
import { conv2d } from "../src/graph/ops/conv.ts";
import { add } from "../src/graph/ops/elementwise.ts";
import { input } from "../src/graph/tensor.ts";
import { compile } from "../src/runtime/compile.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";

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
