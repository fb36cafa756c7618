import { expect, test } from "vitest";
import { packError, unpackError } from "./error-record.ts";
import { ConfigError, ResourceError, SegkitError } from "./errors.ts";
import { isOutOfMemory, outOfMemory } from "./out-of-memory.ts";

const thrown: readonly Error[] = [
  new RangeError("Array buffer allocation failed"),
  new Error("failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc"),
  new Error("Non-zero status code … Failed to allocate memory for requested buffer of size 301989888"),
  new SegkitError("Worker terminated due to reaching memory limit: JS heap out of memory"),
];

test.each(thrown)("%s is lack of memory, also when it comes from another thread", (error) => {
  expect(isOutOfMemory(error)).toBe(true);
  expect(isOutOfMemory(unpackError(packError(error)))).toBe(true);
});

test("what was explained already is not, nor is anything else", () => {
  const others = [
    new ConfigError("out of memory"),
    new ResourceError("out of memory: 3"),
    new Error("no"),
    "text",
    null,
  ];
  expect(others.filter(isOutOfMemory)).toEqual([]);
});

test("becomes an error with a remedy", () => {
  expect(outOfMemory(thrown[2], "Do less.")).toMatchObject({
    ...{ message: "out of memory: another 302 MB were needed", hint: "Do less.", exitCode: 4, cause: thrown[2] },
  });
});
