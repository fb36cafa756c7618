import { expect, test } from "vitest";
import { ConfigError, ResourceError, SegkitError } from "../util/errors.ts";
import { explainMemory } from "./memory.ts";

test.each([
  new RangeError("Array buffer allocation failed"),
  new RangeError("Invalid typed array length: 99999999999"),
  new RangeError("WebAssembly.Memory(): could not allocate memory"),
  new SegkitError("Worker terminated due to reaching memory limit: JS heap out of memory"),
  new Error("std::bad_alloc"),
])("%s is lack of memory", (error) => {
  const explained = explainMemory(error);
  expect(explained).toBeInstanceOf(ResourceError);
  expect(explained).toMatchObject({ exitCode: 4, cause: error, hint: expect.stringContaining("--bs") as string });
});

test("says how much ONNX Runtime asked for", () => {
  const message = "Non-zero status code … Failed to allocate memory for requested buffer of size 301989888\n";
  expect(explainMemory(new Error(message))).toMatchObject({ message: "out of memory: another 302 MB were needed" });
});

test("leaves all other errors alone", () => {
  for (const error of [new Error("x is undefined"), new ConfigError("--bs: out of memory"), "text"])
    expect(explainMemory(error)).toBe(error);
});
