import { expect, test } from "vitest";
import { add, mul } from "../../src/graph/ops/elementwise.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { constant, input, scalar } from "../../src/graph/tensor.ts";
import type { ProgramGraph } from "../../src/onnx/lower.ts";
import { compile } from "../../src/runtime/compile.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";

const x = input("x", [2]);

async function run(graph: ProgramGraph, feeds: Record<string, Float32Array>) {
  const program = await compile(await openRuntime({ backend: "cpu", threads: 1 }), graph);
  const results = await program.run(feeds);
  await program.release();
  return results;
}

test("a program names inputs and outputs as the program does, whatever the tensors are called", async () => {
  const [a, b] = [input("same", [1]), input("same", [1])];
  const graph = { inputs: { first: a, second: b }, outputs: { same: add(a, mul(b, 10)) } };
  expect(await run(graph, { first: Float32Array.of(1), second: Float32Array.of(2) })).toEqual({
    same: Float32Array.of(21),
  });
});

test("a program gives out inputs, constants and one tensor under two names", async () => {
  const total = sum(x);
  const graph = { inputs: { x }, outputs: { copy: x, seven: scalar(7), total, again: total } };
  expect(await run(graph, { x: Float32Array.of(1, 2) })).toEqual({
    copy: Float32Array.of(1, 2),
    seven: Float32Array.of(7),
    total: Float32Array.of(3),
    again: Float32Array.of(3),
  });
});

test("a program takes inputs that nothing uses", async () => {
  const unused = input("unused", [3]);
  const feeds = { x: Float32Array.of(1, 2), unused: new Float32Array(3) };
  expect(await run({ inputs: { x, unused }, outputs: { y: sum(x) } }, feeds)).toEqual({ y: Float32Array.of(3) });
});

test("a program has constants of every dtype", async () => {
  const outputs = {
    float32: constant(Float32Array.of(-1.5, 2), [2]),
    int32: constant(Int32Array.of(-1, 2), [2]),
    int64: constant(BigInt64Array.of(-1n, 2n), [2]),
    uint8: constant(Uint8Array.of(3, 255), [2]),
    bool: constant(Uint8Array.of(1, 0), [2], "bool"),
  };
  const results = await run({ inputs: { x }, outputs }, { x: new Float32Array(2) });
  for (const [dtype, { source }] of Object.entries(outputs))
    expect(results[dtype]).toEqual(source.kind === "constant" && source.data);
});

test("a constant may be a part of a larger array", async () => {
  const all = Float32Array.of(1, 2, 3, 4);
  const y = add(x, constant(all.subarray(1, 3), [2]));
  expect(await run({ inputs: { x }, outputs: { y } }, { x: Float32Array.of(0, 0) })).toEqual({
    y: Float32Array.of(2, 3),
  });
});
