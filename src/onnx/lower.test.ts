import { describe, expect, test } from "vitest";
import { add, cast, equal, mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { constant, input, scalar } from "../graph/tensor.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { lower, type ProgramGraph } from "./lower.ts";
import { cpuTarget } from "./target.ts";

const x = input("x", [2]);

async function run(graph: ProgramGraph, feeds: Record<string, Float32Array>) {
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  const program = await runtime.load(lower(graph, cpuTarget));
  const results = await program.run(feeds);
  await program.release();
  return results;
}

describe("lower", () => {
  test("describes inputs and outputs as plain data", () => {
    const { inputs, outputs } = lower({ inputs: { x }, outputs: { twice: mul(x, 2), flags: equal(x, 0) } }, cpuTarget);
    expect(inputs).toEqual({ x: { shape: [2], dtype: "float32" } });
    expect(outputs).toEqual({ twice: { shape: [2], dtype: "float32" }, flags: { shape: [2], dtype: "bool" } });
  });

  test("refuses a graph that uses an input it does not list", () => {
    const hidden = input("mask", [2], "int32");
    const graph = { inputs: { x }, outputs: { y: add(x, cast(hidden, "float32")) } };
    expect(() => lower(graph, cpuTarget)).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: lower: input mask (int32[2]) is used by the graph but is not among its inputs]`,
    );
  });

  test("refuses a name that is input and output", () => {
    expect(() => lower({ inputs: { x }, outputs: { x: mul(x, 2) } }, cpuTarget)).toThrowErrorMatchingInlineSnapshot();
  });

  test("names inputs and outputs as the program does, whatever the tensors are called", async () => {
    const [a, b] = [input("same", [1]), input("same", [1])];
    const graph = { inputs: { first: a, second: b }, outputs: { "%0": add(a, mul(b, 10)) } };
    expect(await run(graph, { first: Float32Array.of(1), second: Float32Array.of(2) })).toEqual({
      "%0": Float32Array.of(21),
    });
  });

  test("gives out inputs, constants and one tensor under two names", async () => {
    const total = sum(x);
    const graph = { inputs: { x }, outputs: { copy: x, seven: scalar(7), total, again: total } };
    expect(await run(graph, { x: Float32Array.of(1, 2) })).toEqual({
      copy: Float32Array.of(1, 2),
      seven: Float32Array.of(7),
      total: Float32Array.of(3),
      again: Float32Array.of(3),
    });
  });

  test("takes inputs that nothing uses", async () => {
    const unused = input("unused", [3]);
    const feeds = { x: Float32Array.of(1, 2), unused: new Float32Array(3) };
    expect(await run({ inputs: { x, unused }, outputs: { y: sum(x) } }, feeds)).toEqual({ y: Float32Array.of(3) });
  });

  test("writes constants of every dtype", async () => {
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

  test("writes a constant that is a part of a larger array", async () => {
    const all = Float32Array.of(1, 2, 3, 4);
    const y = add(x, constant(all.subarray(1, 3), [2]));
    expect(await run({ inputs: { x }, outputs: { y } }, { x: Float32Array.of(0, 0) })).toEqual({
      y: Float32Array.of(2, 3),
    });
  });
});
