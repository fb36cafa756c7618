import { expect, test } from "vitest";
import { preferred } from "./negotiate.ts";

const types = ["image/png", "application/json", "image/jpeg"] as const;

/** Reads the simple headers of these tests. */
function choice(header: string): string | undefined {
  const ranges = header.split(",").map((part) => {
    const [type = "", q = "1"] = part.trim().split(";q=");
    return { type, q: Number(q) };
  });
  return preferred(ranges, types);
}

test.each([
  ["*/*", "image/png"],
  ["image/*", "image/png"],
  ["image/jpeg", "image/jpeg"],
  ["IMAGE/JPEG", "image/jpeg"],
  ["image/png;q=0.1, application/json;q=0.2", "application/json"],
  ["*/*, image/png;q=0.5", "application/json"],
  ["image/*;q=0, */*", "application/json"],
  ["image/*, image/png;q=0", "image/jpeg"],
  ["text/html, application/*;q=0.1", "application/json"],
  ["text/html", undefined],
  ["image/png;q=0", undefined],
])("%s wants %s", (header, type) => {
  expect(choice(header)).toBe(type);
});
