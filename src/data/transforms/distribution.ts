import type { Random } from "../../util/random.ts";

/** A fixed number, or the two ends of the range it is drawn from. */
export type Range = number | readonly [low: number, high: number];

/** A parameter of a transform: what may be given for it, how its value is drawn, and whether it must be given. */
export interface Parameter<Given, Drawn, Needed extends boolean = false> {
  readonly needed: Needed;
  /** The value for one sample; `given` is undefined where it was left out. */
  draw(given: Given | undefined, random: Random): Drawn;
  /** What is wrong with what was given, as "expected …", or null. */
  fault(given: Given): string | null;
}

/** Limits of a number, both included. */
type Limits = readonly [least: number, most: number];

const anything: Limits = [-Infinity, Infinity];

/** A number: uniform in a range, or fixed. */
export function uniform(fallback: Range, limits = anything): Parameter<Range, number> {
  return ranged(fallback, limits, (low, high, random) => random.between(low, high));
}

/** A number whose logarithm is uniform in a range, or a fixed one. */
export function logUniform(fallback: Range, limits = anything): Parameter<Range, number> {
  return ranged(fallback, limits, (low, high, random) => Math.exp(random.between(Math.log(low), Math.log(high))));
}

/** A whole number: uniform in a range with both ends, or fixed. */
export function uniformInteger(fallback: Range, limits = anything): Parameter<Range, number> {
  const parameter = ranged(fallback, limits, (low, high, random) => low + random.integer(high - low + 1));
  const whole = (given: Range) => [given].flat().every((value) => Number.isInteger(value));
  return { ...parameter, fault: (given) => (whole(given) ? parameter.fault(given) : "expected whole numbers") };
}

function ranged(
  fallback: Range,
  limits: Limits,
  draw: (low: number, high: number, random: Random) => number,
): Parameter<Range, number> {
  return {
    needed: false,
    draw(given = fallback, random) {
      return typeof given === "number" ? given : draw(given[0], given[1], random);
    },
    fault: (given) => rangeFault(given, limits),
  };
}

/** `n` independent numbers: uniform in a range, or fixed ones. One number stands for all. */
export function uniforms(
  n: number,
  fallback: Range,
  limits = anything,
): Parameter<Range | readonly number[], readonly number[]> {
  return {
    needed: false,
    draw(given = fallback, random) {
      if (typeof given === "number") return Array.from({ length: n }, () => given);
      if (given.length === n) return given;
      const [low, high] = given as readonly [number, number];
      return Array.from({ length: n }, () => random.between(low, high));
    },
    fault(given) {
      if (typeof given === "number" || given.length === 2) return rangeFault(given as Range, limits);
      if (given.length !== n) return `expected a range or ${n} numbers`;
      return given.map((value) => rangeFault(value, limits)).find((fault) => fault !== null) ?? null;
    },
  };
}

/** `n` independent choices, each true with the probability given, or fixed ones. */
export function chances(n: number, fallback: number): Parameter<number | readonly boolean[], readonly boolean[]> {
  return {
    needed: false,
    draw(given = fallback, random) {
      return typeof given === "number" ? Array.from({ length: n }, () => random.chance(given)) : given;
    },
    fault(given) {
      if (typeof given === "number") return rangeFault(given, [0, 1]);
      return given.length === n ? null : `expected a probability or ${n} choices`;
    },
  };
}

/** Noise, as the seed of a generator of its own: drawn anew for every sample, or fixed. */
export function noise(): Parameter<number, number> {
  return {
    needed: false,
    draw: (given, random) => given ?? random.integer(0x8000_0000),
    fault: (given) => rangeFault(given, anything),
  };
}

/** A value that is not drawn. */
export function constant<T>(fallback: T): Parameter<T, T> {
  return { needed: false, draw: (given = fallback) => given, fault: () => null };
}

/** A value that is not drawn and must be given. */
export function required<T>(faultOf: (given: T) => string | null): Parameter<T, T, true> {
  return { needed: true, draw: (given) => given!, fault: faultOf };
}

function rangeFault(given: Range, [least, most]: Limits): string | null {
  const values = typeof given === "number" ? [given] : given;
  const numbers = Array.isArray(values) && values.every((value) => Number.isFinite(value));
  if (!numbers || (values.length !== 1 && values.length !== 2)) return "expected a number or a range [low, high]";
  if (values.some((value) => value < least || value > most)) {
    if (most === Infinity) return `expected at least ${least}`;
    return `expected values from ${least} to ${most}`;
  }
  return values.length === 2 && values[0]! > values[1]! ? "expected a range [low, high] with low ≤ high" : null;
}
