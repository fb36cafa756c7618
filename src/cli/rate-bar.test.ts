import { expect, test } from "vitest";
import { RateBar } from "./rate-bar.ts";

test("tells how many a second, and how long the rest will take", () => {
  let now = 10;
  const shown: unknown[] = [];
  const bar = new RateBar({ update: (...all: unknown[]) => shown.push(all) }, () => now);
  bar.update("checking", 0, 300);
  now += 2;
  bar.update("checking", 100, 300);
  now += 98;
  bar.update("checking", 150, 300);
  expect(shown).toEqual([
    [0, 300, "checking", ""],
    [100, 300, "checking", "50/s  00:04 left"],
    [150, 300, "checking", "1.5/s  01:40 left"],
  ]);
});
