import { expect, test } from "vitest";
import { packError, unpackError } from "./error-record.ts";
import { ConfigError, ResourceError, SegkitError } from "./errors.ts";
import { isOutOfMemory, outOfMemory } from "./out-of-memory.ts";

const thrown: readonly Error[] = [
  new RangeError("Array buffer allocation failed"),
  new Error("failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc"),
  new Error("Non-zero status code … Failed to allocate memory for requested buffer of size 301989888"),
  new Error("Buffer size (3185049600) exceeds the max buffer size limit (1073741824)."),
  new Error("vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY"),
  new Error("WebGPU device error(2): Out of memory"),
  new Error("WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.\n - While …"),
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
    new Error("WebGPU validation failed. [Invalid ShaderModule] is invalid due to a previous error."),
    "text",
    null,
  ];
  expect(others.filter(isOutOfMemory)).toEqual([]);
});

test("becomes an error with a remedy", () => {
  expect(outOfMemory(thrown[2], "Do less.")).toMatchObject({
    ...{ message: "out of memory: another 302 MB were needed", hint: "Do less.", exitCode: 4, cause: thrown[2] },
  });
  expect(outOfMemory(thrown[3], "Do less.").message).toBe("out of memory: another 3186 MB were needed");
});
