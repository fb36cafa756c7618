/** A straight line through some numbers taken at equal distances. */
export interface Trend {
  /** How much they rise from the first to the last, and its standard error. */
  readonly rise: number;
  readonly error: number;
  readonly mean: number;
  /** The means of its first and of its last part. */
  readonly first: number;
  readonly last: number;
}

/**
 * The rise of numbers over their whole length by least squares, of the means of `blocks` equal parts: neighbours in time are not
 * independent of each other, means of parts are nearly so.
 */
export function trendOf(numbers: readonly number[], blocks = 20): Trend {
  const count = Math.min(blocks, Math.floor(numbers.length / 2));
  if (count < 3) throw new Error(`expected 6 numbers at least, but received ${numbers.length}`);
  const means = Array.from({ length: count }, (_, i) => {
    const part = numbers.slice(
      Math.floor((i * numbers.length) / count),
      Math.floor(((i + 1) * numbers.length) / count),
    );
    return part.reduce((sum, x) => sum + x, 0) / part.length;
  });
  const at = (i: number): number => (i + 0.5) / count - 0.5;
  const mean = means.reduce((sum, x) => sum + x, 0) / count;
  const spread = means.reduce((sum, _, i) => sum + at(i) ** 2, 0);
  const rise = means.reduce((sum, x, i) => sum + at(i) * (x - mean), 0) / spread;
  const left = means.reduce((sum, x, i) => sum + (x - mean - rise * at(i)) ** 2, 0);
  return { rise, error: Math.sqrt(left / (count - 2) / spread), mean, first: means[0]!, last: means.at(-1)! };
}

/** The least number of each of `parts` equal parts: what is left when what comes and goes has gone. */
export function lowest(numbers: readonly number[], parts = 40): number[] {
  const bound = (part: number): number => Math.floor((part * numbers.length) / parts);
  return Array.from({ length: parts }, (_, part) => Math.min(...numbers.slice(bound(part), bound(part + 1))));
}

/** Whether a trend goes up by no more than twice its standard error, or 2 % of the mean. */
export function isFlat({ rise, error, mean }: Trend): boolean {
  return rise <= Math.max(2 * error, 0.02 * mean);
}
