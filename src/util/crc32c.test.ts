import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { encodeUtf8 } from "./utf8.ts";

test("the checksums that the standard gives as examples", () => {
  const up = Uint8Array.from({ length: 32 }, (_, i) => i);
  const values = [new Uint8Array(32), new Uint8Array(32).fill(255), up, up.toReversed(), encodeUtf8("123456789")];
  expect(values.map((bytes) => crc32c(bytes).toString(16))).toEqual([
    ...["8a9136aa", "62a8ab43", "46dd794e", "113fdb5c", "e3069283"],
  ]);
  expect(crc32c(new Uint8Array())).toBe(0);
});
