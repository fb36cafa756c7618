import { describe, expect, test } from "vitest";
import { add, cast, equal, mul } from "../graph/ops/elementwise.ts";
import { input } from "../graph/tensor.ts";
import { lower } from "./lower.ts";
import { cpuTarget } from "./target.ts";

const x = input("x", [2]);

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
    expect(() => lower({ inputs: { x }, outputs: { x: mul(x, 2) } }, cpuTarget)).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: lower: x is the name of an input and of an output]`,
    );
  });
});
