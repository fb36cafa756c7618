import { ResourceError } from "../util/errors.ts";
import { type AdamwHyper, type AdamwOptions, adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";
import {
  add,
  addI32,
  div,
  functionModule,
  get,
  i32,
  lessI32,
  load,
  mul,
  repeat,
  set,
  splat,
  sqrt,
  store,
  sub,
  tee,
  types,
} from "../util/wasm.ts";
import { and, f32x4 } from "../util/wasm-lanes.ts";

interface Memory {
  readonly buffer: ArrayBuffer;
}

// Every runtime has it, but the language's own library does not declare it.
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => {
    readonly exports: Record<string, unknown>;
  };
};

const pageBytes = 65_536;
/** A WebAssembly memory has no more. */
const maxPages = 65_536;
/** Floats that one call updates: few enough that the copied gradient stays in the cache. */
const chunk = 8192;

/** Memory for weights and optimizer state that one pass of SIMD code updates in place. */
export class SimdArena {
  readonly #memory: Memory;
  readonly #run: (...args: number[]) => void;
  readonly #staging: Float32Array;
  /** What the last call of the loop found: in each lane all bits set, or not all gradients were finite. */
  readonly #finite: Int32Array;
  #used = 0;

  /** @param floats capacity, as `SimdArena.room` counts it. Throws a ResourceError when there is not so much memory. */
  constructor(floats: number) {
    const pages = Math.ceil(((floats + chunk + 4) * 4) / pageBytes);
    if (pages > maxPages) throw tooLarge(pages);
    try {
      this.#memory = new WebAssembly.Memory({ initial: pages });
    } catch (error) {
      throw tooLarge(pages, error);
    }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel()), { env: { memory: this.#memory } });
    this.#run = exports.run as (...args: number[]) => void;
    // At address 0, where the loop leaves it.
    this.#finite = new Int32Array(this.allocate(4).buffer, 0, 4);
    this.#staging = this.allocate(chunk);
  }

  /** The room an array of `length` floats takes: whole vectors of four. */
  static room(length: number): number {
    return Math.ceil(length / 4) * 4;
  }

  /** An array of zeros inside the arena. */
  allocate(length: number): Float32Array<ArrayBuffer> {
    const array = new Float32Array(this.#memory.buffer, this.#used * 4, length);
    this.#used += SimdArena.room(length);
    return array;
  }

  /**
   * As `adamwStep`, in float32 throughout; `params`, `m` and `v` are arrays of this arena. A gradient that is not finite counts
   * as 0; returns whether all of them were finite.
   */
  adamwStep(params: Float32Array, grads: Float32Array, m: Float32Array, v: Float32Array, hyper: AdamwHyper): boolean {
    const { lr, wd, beta1, beta2, eps, step } = hyper;
    const scale = Math.sqrt(1 - beta2 ** step);
    const rate = (lr * scale) / (1 - beta1 ** step);
    const factors = [beta1, 1 - beta1, beta2, 1 - beta2, 1 - wd * lr, rate, eps * scale];
    let finite = true;
    for (let i = 0; i < params.length; i += chunk) {
      const n = Math.min(chunk, params.length - i);
      this.#staging.set(grads.subarray(i, i + n));
      // What pads the last vector is zero in all four arrays, and stays so.
      this.#staging.fill(0, n, SimdArena.room(n));
      const places = [params, this.#staging, m, v].map(
        (array) => array.byteOffset + (array === this.#staging ? 0 : i * 4),
      );
      this.#run(...places, n * 4, ...factors);
      finite &&= this.#finite.every((lane) => lane === -1);
    }
    return finite;
  }
}

function tooLarge(pages: number, cause?: unknown): ResourceError {
  return new ResourceError(`optimizer: ${Math.round((pages * pageBytes) / 1e6)} MB in one piece are not to be had`, {
    cause,
  });
}

/** The loop of one AdamW step over vectors of four: parameters and locals by their positions. */
function kernel(): Uint8Array {
  const [params, grads, m, v, bytes] = [0, 1, 2, 3, 4];
  const factors = 5;
  const [at, g, mean, square, vectors, zero, finite, all] = [12, 13, 14, 15, 16, 23, 24, 25];
  const factor = (i: number) => get(vectors + i);
  const [beta1, gain1, beta2, gain2, decay, rate, eps] = [
    factor(0),
    factor(1),
    factor(2),
    factor(3),
    factor(4),
    factor(5),
    factor(6),
  ];
  const address = (array: number) => addI32(get(array), get(at));
  const body = [
    ...[0, 1, 2, 3, 4, 5, 6].flatMap((i) => set(vectors + i, splat(get(factors + i)))),
    ...set(all, f32x4.equal(get(zero), get(zero))),
    ...repeat(
      [
        ...set(g, load(address(grads))),
        // 0·g is 0 for a finite g, else no number.
        ...set(finite, f32x4.equal(mul(get(zero), get(g)), get(zero))),
        ...set(g, and(get(g), get(finite))),
        ...set(all, and(get(all), get(finite))),
        ...store(address(m), tee(mean, add(mul(beta1, load(address(m))), mul(gain1, get(g))))),
        ...store(address(v), tee(square, add(mul(beta2, load(address(v))), mul(gain2, mul(get(g), get(g)))))),
        ...store(
          address(params),
          sub(mul(decay, load(address(params))), div(mul(rate, get(mean)), add(sqrt(get(square)), eps))),
        ),
        ...set(at, addI32(get(at), i32(16))),
      ],
      lessI32(get(at), get(bytes)),
    ),
    ...store(i32(0), get(all)),
  ];
  const parameters = [...Array.from({ length: 5 }, () => types.i32), ...Array.from({ length: 7 }, () => types.f32)];
  const locals = [types.i32, ...Array.from({ length: 13 }, () => types.v128)];
  return functionModule(parameters, locals, body);
}

/** Where weights and optimizer state lie, and the optimizer that updates them there. */
export interface OptimizerMemory {
  /** An array of zeros. */
  allocate(length: number): Float32Array<ArrayBuffer>;
  readonly optimizer: Optimizer;
}

/**
 * AdamW over parameters of the given lengths: in one piece of memory that SIMD code updates where there is room for it,
 * else in plain arrays.
 */
export function adamwMemory(lengths: readonly number[], options: AdamwOptions = {}): OptimizerMemory {
  const plain = adamw(options);
  const { betas = [0.9, 0.99], eps = 1e-8 } = options;
  try {
    const arena = new SimdArena(3 * lengths.reduce((total, length) => total + SimdArena.room(length), 0));
    const update: Optimizer<"m" | "v">["update"] = (params, grads, { m, v }, { lr, wd, mom, step }) => {
      const arrays = [params, grads, m, v] as [Float32Array, Float32Array, Float32Array, Float32Array];
      return arena.adamwStep(...arrays, { lr, wd, beta1: mom, beta2: betas[1], eps, step });
    };
    return { allocate: (length) => arena.allocate(length), optimizer: { ...plain, update } };
  } catch (error) {
    if (!(error instanceof ResourceError)) throw error;
    return { allocate: (length) => new Float32Array(length), optimizer: plain };
  }
}
