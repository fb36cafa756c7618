import type { Module } from "../../src/nn/module.ts";
import { namedLeaves } from "../../src/nn/module.ts";
import type { StateDict } from "../../src/nn/state.ts";

/** The numbers that the golden files fill tensor k with (their `fill_spec`): u in [0, 1), scaled. */
export function fill(length: number, k: number, scale: (u: number) => number): Float32Array<ArrayBuffer> {
  const seed = Math.imul(k + 1, 2246822519);
  const values = new Float32Array(length);
  for (let j = 0; j < length; j++) {
    let h = (Math.imul(j, 2654435761) + seed) | 0;
    h ^= h >>> 15;
    h = Math.imul(h, 2246822519);
    h ^= h >>> 13;
    h = Math.imul(h, 3266489917);
    h ^= h >>> 16;
    values[j] = scale((h >>> 0) / 2 ** 32);
  }
  return values;
}

/** The weights that the golden networks have (their `fill_rule`): tensor k is the k-th of the state dict. */
export function goldenState(module: Module): StateDict {
  return new Map(
    namedLeaves(module).map(([name, { shape }], k) => {
      const scale = goldenScale(name, shape);
      return [name, { dtype: "F32", shape, data: fill(product(shape), k, scale) }];
    }),
  );
}

function goldenScale(name: string, shape: readonly number[]): (u: number) => number {
  if (name.endsWith("running_mean")) return (u) => (2 * u - 1) * 0.2;
  if (name.endsWith("running_var")) return (u) => 0.5 + u;
  if (shape.length === 4) {
    const bound = Math.sqrt(3) * Math.sqrt(2 / product(shape.slice(1)));
    return (u) => (2 * u - 1) * bound;
  }
  return name.endsWith("weight") ? (u) => 0.8 + 0.4 * u : (u) => (2 * u - 1) * 0.1;
}

/** Pictures, height and width. */
export type BatchSize = readonly [n: number, h: number, w: number];

/** The golden networks' input [n, 3, h, w] and target [n, h, w]. */
export function goldenBatch([n, h, w]: BatchSize, classes: number): { x: Float32Array; target: Int32Array } {
  return {
    x: fill(n * 3 * h * w, 9999, (u) => 4 * u - 2),
    target: Int32Array.from(fill(n * h * w, 8888, (u) => Math.floor(u * classes))),
  };
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}
