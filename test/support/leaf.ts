import { allocate, type TensorData } from "../../src/graph/dtype.ts";
import { type Shape, sizeOf } from "../../src/graph/shape.ts";

/** Values of a tensor that TypeScript and Python compute alike from a name: scripts/golden.py has the same functions. */
export interface Leaf {
  readonly shape: Shape;
  readonly dtype: "float32" | "int32" | "bool";
  /** The values are uniform in one of these spans, or whole numbers below their ends. */
  readonly spans: readonly (readonly [low: number, high: number])[];
  /** Whole numbers, also for float32. */
  readonly whole?: boolean;
  /** Instead of spans: all values differ, by at least this much, around 0. */
  readonly gap?: number;
}

export const uniform = (shape: Shape, low = -1, high = 1): Leaf => ({ shape, dtype: "float32", spans: [[low, high]] });
/** Values inside the spans, to keep away from the kinks of a function. */
export const spans = (shape: Shape, ...ranges: Leaf["spans"]): Leaf => ({ shape, dtype: "float32", spans: ranges });
/** Values no two of which are near each other, to keep away from the kinks of a maximum. */
export const distinct = (shape: Shape, gap = 0.1): Leaf => ({ shape, dtype: "float32", spans: [], gap });
/** Whole numbers in [low, high), as float32. */
export const wholes = (shape: Shape, low: number, high: number): Leaf => ({
  shape,
  dtype: "float32",
  spans: [[low, high]],
  whole: true,
});
/** Whole numbers in [low, high), as int32. */
export const integers = (shape: Shape, low: number, high: number): Leaf => ({
  shape,
  dtype: "int32",
  spans: [[low, high]],
  whole: true,
});
export const bools = (shape: Shape): Leaf => ({ shape, dtype: "bool", spans: [[0, 2]], whole: true });

/** The values of a leaf, row-major; another name gives other values. */
export function fill({ shape, dtype, spans: ranges, whole = false, gap }: Leaf, name: string): TensorData {
  const size = sizeOf(shape);
  const bits = hashes(name, size);
  const data = allocate(dtype, size);
  if (gap !== undefined) {
    const order = Array.from(bits.keys()).toSorted((i, j) => bits[i]! - bits[j]!);
    for (const [rank, i] of order.entries()) data[i] = (rank - size / 2) * gap;
    return data;
  }
  for (const [i, hash] of bits.entries()) {
    const u = (hash / 0x1_0000_0000) * ranges.length;
    const [low, high] = ranges[Math.floor(u)]!;
    const value = low + (high - low) * (u - Math.floor(u));
    data[i] = whole ? Math.floor(value) : value;
  }
  return data;
}

/** `count` 32-bit hashes that depend on the name. */
function hashes(name: string, count: number): Uint32Array {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.codePointAt(0)!, 0x01000193);
  return Uint32Array.from({ length: count }, (_, i) => mix(seed + Math.imul(i, 0x9e3779b9)));
}

/** The 32-bit finaliser of MurmurHash3. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
