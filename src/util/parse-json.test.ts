import { expect, test } from "vitest";
import { parseJson } from "./parse-json.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test("is JSON.parse", () => {
  for (const text of [
    '{"a": [1, {"b": "[[[{"}], "c\\"[": "\\\\"}',
    "null",
    `[${Array(100).fill("[1]").join()}]`,
    nested(32),
  ])
    expect(parseJson(text)).toEqual(JSON.parse(text));
  for (const text of ["", "{", '"', '["]', "\\[1]"]) expect(() => parseJson(text)).toThrow(SyntaxError);
});

test("refuses deep nesting before it parses, brackets in texts not counted", () => {
  for (const text of [nested(33), nested(1e6), '{"a":'.repeat(33), `["\\\\"${",[".repeat(40)}`])
    expect(() => parseJson(text)).toThrow("it nests deeper than 32 levels");
  expect(parseJson(`["\\"${"[".repeat(100)}"]`)).toEqual([`"${"[".repeat(100)}`]);
});
