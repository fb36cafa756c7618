import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/**
 * A seeded, splittable source of random numbers. The same seed and the same keys give the same numbers everywhere,
 * however many workers draw them: `new Random(seed).split("epoch", 3, "item", 17)`.
 * @example
 * const random = new Random(42).split("epoch", 3, "item", 17);
 * const [angle, order] = [random.between(-10, 10), random.permutation(5)];
 */
export class Random {
  /** The low 32 bits of what it was made from. */
  readonly seed: number;
  readonly #generator: ReturnType<typeof xoroshiro128plus>;
  #spare: number | undefined;

  /** @param seed any integer; the low 32 bits count. */
  constructor(seed: number) {
    this.seed = seed | 0;
    this.#generator = xoroshiro128plus(mix(this.seed));
  }

  /** An independent generator named by `keys`; drawing from it leaves this one as it is. */
  split(...keys: readonly (string | number)[]): Random {
    let hash = mix(this.seed ^ 0x5bd1e995);
    for (const key of keys) {
      for (const char of String(key)) hash = mix(hash ^ char.codePointAt(0)!);
      hash = mix(hash ^ 0x2f);
    }
    return new Random(hash);
  }

  /** Uniform in [0, 1), with 32 random bits. */
  uniform(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Standard normal, by the polar method. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * scale;
      return u * scale;
    }
  }

  /** The numbers 0 … n−1 in random order (Fisher–Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

/** A 32-bit finaliser (murmur3): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
