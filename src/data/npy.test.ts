import { expect, test } from "vitest";
import { decodeUtf8 } from "../util/utf8.ts";
import { encodeNpy } from "./npy.ts";

test("is a header of a multiple of 64 bytes, then the numbers", () => {
  const bytes = encodeNpy(Float32Array.of(1, -2.5, 0, 0, 0, 3), [1, 2, 3]);
  expect(bytes).toHaveLength(128 + 24);
  expect([...bytes.subarray(0, 10)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  expect(decodeUtf8(bytes.subarray(10, 128)).trimEnd()).toBe(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }",
  );
  expect(bytes[127]).toBe(10);
  expect(new DataView(bytes.buffer).getFloat32(128 + 4, true)).toBe(-2.5);
  expect(decodeUtf8(encodeNpy(Float32Array.of(1), [1]).subarray(10, 128))).toContain("'shape': (1,), ");
});
