import type { Histogram } from "./event.ts";

/** As many as TensorBoard draws. */
const bins = 30;

/**
 * How numbers are spread: 30 equally wide buckets from the least to the greatest; one bucket where all are equal, none
 * where there are no numbers. Those that are not finite are left out.
 */
export function histogramOf(values: Float32Array): Histogram {
  let [min, max, num, sum, sumSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    num++;
    sum += value;
    sumSquares += value * value;
  }
  if (num === 0) return { ...{ min: 0, max: 0, num, sum, sumSquares }, bucketLimit: [], bucket: [] };
  const totals = { min, max, num, sum, sumSquares };
  if (min === max) return { ...totals, bucketLimit: [max], bucket: [num] };
  const bucket = Array.from({ length: bins }, () => 0);
  const scale = bins / (max - min);
  for (const value of values)
    if (Number.isFinite(value)) bucket[Math.min(Math.floor((value - min) * scale), bins - 1)]!++;
  const bucketLimit = bucket.map((_, i) => (i === bins - 1 ? max : min + (i + 1) / scale));
  return { ...totals, bucketLimit, bucket };
}
