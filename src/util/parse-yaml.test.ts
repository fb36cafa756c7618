import { describe, expect, test } from "vitest";
import { parseYaml } from "./parse-yaml.ts";

describe("parseYaml", () => {
  test("gives what the text describes", () => {
    expect(parseYaml("")).toBeNull();
    expect(parseYaml("# nothing")).toBeNull();
    expect(parseYaml("a: 1\nb: [x, {c: ~}]\n'3': |\n  text\n")).toEqual({ a: 1, b: ["x", { c: null }], 3: "text\n" });
    expect(parseYaml("[[[a]]]\n")).toEqual([[["a"]]]);
    expect(parseYaml("a: &x [1, 2]\nb: *x")).toEqual({ a: [1, 2], b: [1, 2] });
  });

  const lists = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]\n`);
  test.each([
    ["no YAML", "a: [1", "Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ["two documents", "a: 1\n---\nb: 2", "it holds more than one document"],
    ["a key twice", "a:\n  b: 1\n  c: 2\n  b: 3", "it has the key b twice"],
    ["a list as a key", "? [a]\n: 1", "it has a list, a map or an alias as a key"],
    ["an alias of a list as a key", "a: &x [1]\n*x : 2", "it has a list, a map or an alias as a key"],
    ["an alias of nothing", "a: *b", "Unresolved alias"],
    ["aliases of aliases", `a0: &a0 [${Array(9).fill("x").join(",")}]\n${lists.join("")}`, "Excessive alias count"],
    ["deep flow", "[".repeat(60_000), "it nests deeper than 32 levels"],
    // In Node 20 the library's recursion ends the process at this depth, where a regular expression finds no stack.
    ["deep sequences", "- ".repeat(6400), "it nests deeper than 32 levels"],
    ["deep keys", "? ".repeat(6400), "it nests deeper than 32 levels"],
    ["a long text", `a: ${"x".repeat(2 ** 16)}`, "its 65539 characters are over the limit of 65536"],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseYaml(text)).toThrowError(
      expect.objectContaining({ exitCode: 7, message: expect.stringContaining(message) }),
    );
  });

  test("many keys take no more than their number", () => {
    const text = Array.from({ length: 6000 }, (_, i) => `k${i}: 1`).join("\n");
    expect(Object.keys(parseYaml(text) as object)).toHaveLength(6000);
  });
});
