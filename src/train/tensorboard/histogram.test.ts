import { expect, test } from "vitest";
import { histogramOf } from "./histogram.ts";

test("counts every number once, in 30 buckets from the least to the greatest", () => {
  const values = Float32Array.from({ length: 301 }, (_, i) => i / 10 - 10);
  const { bucket, bucketLimit, ...totals } = histogramOf(values);
  expect(totals).toEqual({
    ...{ min: -10, max: 20, num: 301 },
    sum: expect.closeTo(1505, 2) as number,
    sumSquares: expect.closeTo(30_250.5, 1) as number,
  });
  expect(bucketLimit).toHaveLength(30);
  expect([bucketLimit[0], bucketLimit[14], bucketLimit[29]]).toEqual([-9, 5, 20]);
  expect(bucket.reduce((sum, n) => sum + n, 0)).toBe(301);
  for (const [i, n] of bucket.entries()) {
    const [from, to] = [i === 0 ? -Infinity : bucketLimit[i - 1]!, i === 29 ? Infinity : bucketLimit[i]!];
    expect(n).toBe(values.filter((value) => value >= from && value < to).length);
  }
});

test("equal numbers, numbers that are none, and no numbers", () => {
  expect(histogramOf(Float32Array.of(2, 2, NaN, Infinity, 2))).toEqual({
    ...{ min: 2, max: 2, num: 3, sum: 6, sumSquares: 12 },
    ...{ bucketLimit: [2], bucket: [3] },
  });
  expect(histogramOf(Float32Array.of(NaN))).toMatchObject({ num: 0, bucket: [] });
});
