import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.ts";
import { readsOf, renamed } from "./schema.ts";
import { cpuTarget } from "./target.ts";

const builder = (): GraphBuilder => new GraphBuilder(cpuTarget);

test("small constants with equal contents are one initializer", () => {
  const b = builder();
  expect(b.ints([1, 2])).toBe(b.ints([1, 2]));
  expect(b.ints([1, 2])).not.toBe(b.ints([2, 1]));
  expect(b.float(0)).not.toBe(b.float(-0));
  expect(b.filled([1], 3)).not.toBe(b.float(3));
  expect(b.constant(Uint8Array.of(1), [1], "uint8")).not.toBe(b.constant(Uint8Array.of(1), [1], "bool"));
  const large = new Float32Array(1000);
  expect(b.constant(large, [1000], "float32")).not.toBe(b.constant(large, [1000], "float32"));
});

test("a node gets its second output once", () => {
  const b = builder();
  const pool = b.node("MaxPool", ["x"], { kernel_shape: [2, 2] });
  const indices = b.extraOutput(pool);
  expect(b.extraOutput(pool)).toBe(indices);
  expect(b.nodes).toHaveLength(1);
  expect(b.nodes[0]!.output).toEqual([pool, indices]);
  expect(() => b.extraOutput("nothing")).toThrow(/^internal: /);
});

test("padding by nothing adds no node", () => {
  const b = builder();
  expect(b.pad("x", [[0, 0]])).toBe("x");
  expect(b.nodes).toEqual([]);
});

test("attributes carry the type that ONNX wants", () => {
  const b = builder();
  b.node("Any", [], { whole: 1, real: { float: 1 }, text: "ä", list: [1, 2], none: [] });
  expect(b.nodes[0]!.attribute).toEqual([
    { name: "whole", type: 2, i: 1 },
    { name: "real", type: 1, f: 1 },
    { name: "text", type: 3, s: Uint8Array.of(0xc3, 0xa4) },
    { name: "list", type: 7, ints: [1, 2] },
    { name: "none", type: 7, ints: [] },
  ]);
});

test("an optional input that is left out at the end is not there, for WebGPU's kernels would read it", () => {
  const b = builder();
  b.node("Conv", ["x", "w", ""]);
  b.node("Resize", ["x", "", "", "sizes"]);
  expect(b.nodes.map(({ input }) => input)).toEqual([
    ["x", "w"],
    ["x", "", "", "sizes"],
  ]);
});

test("a Scan reads what its body takes from outside, and keeps its nodes to itself", () => {
  const b = builder();
  const outside = b.node("Relu", ["x"]);
  const scan = b.scan({
    states: [{ value: "start", shape: [2], dtype: "float32" }],
    elements: [{ value: "steps", shape: [], dtype: "float32" }],
    body: ([sum, step]) => [b.node("Add", [sum!, b.node("Mul", [step!, outside])])],
  });
  expect(b.nodes.map(({ opType }) => opType)).toEqual(["Relu", "Scan"]);
  const node = b.nodes[1]!;
  expect(node.output).toEqual([scan]);
  expect(readsOf(node)).toEqual(["start", "steps", outside]);
  const other = renamed(node, (value) => (value === outside ? "y" : value));
  expect(readsOf(other)).toEqual(["start", "steps", "y"]);
});

test("a shared constant is made once", () => {
  const b = builder();
  const make = () => b.filled([100], 0);
  expect(b.shared("zeros", make)).toBe(b.shared("zeros", make));
  expect(b.initializers).toHaveLength(1);
});
