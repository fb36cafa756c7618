import { expect, test } from "vitest";
import { Random } from "../src/util/random.ts";
import { trendOf } from "./trend.ts";

test("a line has its own rise and no error", () => {
  const { rise, error, mean } = trendOf(Array.from({ length: 400 }, (_, i) => 100 + i / 40));
  expect(rise).toBeCloseTo(10, 1);
  expect(error).toBeCloseTo(0, 9);
  expect(mean).toBeCloseTo(105, 1);
});

test("noise rises within twice its error, a leak beyond", () => {
  const random = new Random(4);
  const noise = Array.from({ length: 1000 }, () => 300 + 20 * random.normal());
  const still = trendOf(noise);
  expect(Math.abs(still.rise)).toBeLessThan(2 * still.error);
  const leak = trendOf(noise.map((x, i) => x + i / 50));
  expect(leak.rise).toBeGreaterThan(4 * leak.error);
  expect(() => trendOf([1, 2])).toThrow("expected 6 numbers at least");
});
