import { mersenne, mersenneFromState } from "pure-rand/generator/mersenne";
import { ConfigError } from "../util/errors.ts";

/**
 * The random numbers of numpy's `np.random.seed(seed)`: what a seeded split of fastai draws from.
 * @see fastai-spec §2.3; numpy's legacy generator, MT19937.
 */
export class NumpyRandom {
  readonly #generator: ReturnType<typeof mersenne>;

  /** @param seed 0 … 2³²−1, or a ConfigError. */
  constructor(seed: number) {
    this.#generator = mersenne(requireSeed(seed));
  }

  /** The numbers 0 … n−1 in the order of `np.random.permutation(n)`. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#upTo(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** A whole number in [0, most], by rejection of what a mask of the needed bits lets through. */
  #upTo(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.#generator.next() & mask) >>> 0;
      if (value <= most) return value;
    }
  }
}

/** Numbers in [0, 1) as Python's `random.seed(seed)` and `random.random()` give them. */
export function pythonRandom(seed: number): () => number {
  const generator = mersenneFromState([0, ...stateFromKey(requireSeed(seed))]);
  for (let i = 0; i < stateLength; i++) generator.next();
  return () => {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  };
}

const stateLength = 624;

/** The generator's state for a key of one word (Matsumoto and Nishimura's init_by_array). */
function stateFromKey(key: number): number[] {
  const state = new Uint32Array(stateLength);
  state[0] = 19650218;
  for (let i = 1; i < stateLength; i++) state[i] = Math.imul(1812433253, mixed(state, i)) + i;
  let i = 1;
  const next = (): void => {
    if (++i < stateLength) return;
    state[0] = state[stateLength - 1]!;
    i = 1;
  };
  for (let step = 0; step < stateLength; step++) {
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1664525)) + key;
    next();
  }
  for (let step = 1; step < stateLength; step++) {
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1566083941)) - i;
    next();
  }
  state[0] = 0x8000_0000;
  return [...state];
}

function mixed(state: Uint32Array, i: number): number {
  const before = state[i - 1]!;
  return before ^ (before >>> 30);
}

function requireSeed(seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff) return seed;
  throw new ConfigError(`seed: expected a whole number from 0 to 4294967295, but received ${seed}`);
}
