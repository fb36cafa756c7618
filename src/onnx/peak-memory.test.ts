import { describe, expect, test } from "vitest";
import { executionOrder } from "./execution-order.ts";
import { mostAlive } from "./peak-memory.ts";
import type { NodeProto } from "./schema.ts";

/** A node written as "y z = Op(a b)". */
function node(text: string): NodeProto {
  const [, made, opType, read] = /^(.*) = (\w+)\((.*)\)$/.exec(text)!;
  const words = (list: string): string[] => list.split(" ").filter((word) => word !== "");
  return { name: text, opType: opType!, input: words(read!), output: words(made!), attribute: [] };
}

const bytes: Readonly<Record<string, number>> = { a: 1000, b: 10, c: 200, d: 3, e: 40 };
const most = (nodes: readonly string[], kept: readonly string[] = []): number =>
  mostAlive(nodes.map(node), (value) => bytes[value]!, new Set(kept)).bytes;

describe("what is alive at one time", () => {
  test("ends with its last reader, at which the result is alive already; inputs do not count", () => {
    expect(most(["b = Relu(x)", "c = Relu(b)", "d = Relu(c)"])).toBe(210);
    expect(most(["b = Relu(x)", "c = Relu(b)", "d = Add(b c)"])).toBe(213);
  });

  test("outputs live to the end", () => {
    expect(most(["c = Relu(x)", "d = Relu(c)", "e = Relu(d)"], ["c"])).toBe(243);
    expect(most(["c = Relu(x)", "d = Relu(c)", "e = Relu(d)"])).toBe(203);
  });

  test("a view has no memory of its own, but holds that of what it shows", () => {
    expect(most(["c = Relu(x)", "a = Reshape(c shape)", "d = Relu(x)", "e = Relu(a)"])).toBe(240);
    expect(most(["c = Relu(x)", "a = Reshape(c shape)", "d = Relu(x)"], ["a"])).toBe(203);
  });

  test("a result that nobody reads lives while it is made; a second one counts too", () => {
    expect(most(["b c = MaxPool(x)", "d = Relu(b)"])).toBe(210);
  });
});

test("nodes run depth first from the last that nobody reads, of operands the one made last first", () => {
  const nodes = ["a = Relu(x)", "b = Relu(x)", "c = Add(a b)", "d = Relu(a)", "e = Neg(b)"].map(node);
  expect(executionOrder(nodes).map(({ output }) => output[0])).toEqual(["b", "e", "a", "d", "c"]);
});
