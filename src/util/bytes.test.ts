import { expect, test } from "vitest";
import { parseBytes, showBytes } from "./bytes.ts";

test.each([
  ["1.5GB", 1.5e9],
  ["800 mb", 8e8],
  ["2GiB", 2 ** 31],
  ["512M", 512e6],
  ["1500000000", 1.5e9],
])("%s", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["", "GB", "-1GB", "1.5.2GB", "3 bananas", "1e9", "1GB more"])("%j is no amount", (text) => {
  expect(parseBytes(text)).toBeNaN();
});

test("is said in the unit that fits", () => {
  expect([349.6e6, 1.234e9, 12.34e9].map(showBytes)).toEqual(["350 MB", "1.23 GB", "12.3 GB"]);
});
