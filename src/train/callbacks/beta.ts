import type { Random } from "../../util/random.ts";

/** A number from the Beta(a, b) distribution, which lies in (0, 1). */
export function beta(random: Random, a: number, b: number): number {
  const [x, y] = [gamma(random, a), gamma(random, b)];
  // Two tiny shapes may both underflow.
  return x + y === 0 ? 0.5 : x / (x + y);
}

/** A number from the Gamma(shape, 1) distribution (Marsaglia & Tsang 2000). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(random.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
