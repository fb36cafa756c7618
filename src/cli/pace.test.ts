import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("the first batch counts only while it is alone", () => {
  const pace = new Pace(100);
  expect(pace.trainBatch).toBeNaN();
  pace.trained(110);
  expect(pace.trainBatch).toBe(10);
  pace.trained(112);
  expect(pace.trainBatch).toBe(2);
  pace.trained(116);
  expect(pace.trainBatch).toBe(3);
});

test("old batches fade", () => {
  const pace = new Pace(0);
  let now = 0;
  for (let i = 0; i < 100; i++) pace.trained((now += 1));
  for (let i = 0; i < 100; i++) pace.trained((now += 5));
  expect(pace.trainBatch).toBeGreaterThan(4.9);
});

test("the time left has training and validation in it", () => {
  const pace = new Pace(0);
  pace.trained(3);
  expect(pace.left({ trainBatches: 10, validBatches: 6 })).toBe(10 * 3 + 6 * 1);
  pace.validated(5);
  expect(pace.left({ trainBatches: 10, validBatches: 6 })).toBe(10 * 3 + 6 * 2);
});

test("time in which something else was done is left out", () => {
  const pace = new Pace(0);
  pace.trained(1);
  pace.skip(60);
  pace.trained(62);
  expect(pace.trainBatch).toBe(2);
});
