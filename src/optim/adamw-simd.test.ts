import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { adamwMemory, SimdArena } from "./adamw-simd.ts";
import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

describe("adamwMemory", () => {
  test.each([1, 3, 4, 5, 31, 8191, 8192, 8193, 20_001])("%i parameters: as the plain formula, within float32", (n) => {
    const random = new Random(n);
    const memory = adamwMemory([n, 7]);
    const [params, m, v, beside] = [memory.allocate(n), memory.allocate(n), memory.allocate(n), memory.allocate(7)];
    for (let i = 0; i < n; i++) params[i] = random.normal();
    beside.fill(5);
    const expected = { params: Float64Array.from(params), m: new Float64Array(n), v: new Float64Array(n) };
    for (let step = 1; step <= 4; step++) {
      const grads = Float32Array.from({ length: n }, () => random.normal() * 10 ** random.between(-6, 2));
      const hyper = { lr: 1e-2, wd: 0.1, mom: 0.95 - step / 50, step };
      memory.optimizer.update(params, grads, { m, v }, hyper);
      adamw().update(expected.params, Float64Array.from(grads), expected, hyper);
    }
    for (let i = 0; i < n; i++) {
      expect(Math.abs(params[i]! - expected.params[i]!)).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(expected.params[i]!)),
      );
      expect(Math.abs(m[i]! - expected.m[i]!)).toBeLessThanOrEqual(1e-5 * Math.abs(expected.m[i]!) + 1e-6);
    }
    expect([...beside]).toEqual(Array.from({ length: 7 }, () => 5));
  });

  test("too large for one memory, the arrays are plain and the optimizer is the plain one", () => {
    const memory = adamwMemory([2 ** 30]);
    const [params, m, v] = [memory.allocate(2), memory.allocate(2), memory.allocate(2)];
    expect(params.buffer.byteLength).toBe(8);
    memory.optimizer.update(params, Float32Array.of(1, -1), { m, v }, { lr: 0.1, wd: 0, mom: 0.9, step: 1 });
    expect(params[0]).toBeCloseTo(-0.1, 5);
    expect(params[1]).toBeCloseTo(0.1, 5);
  });
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

describe.each([NaN, Infinity, -Infinity])("a gradient of %f", (wrong) => {
  test.each([5, 8192, 9000])("at %i counts as 0 and is told", (at) => {
    const n = 9001;
    const hyper = { lr: 1e-2, wd: 0.1, mom: 0.9, step: 1 };
    const updated = (value: number): { finite: boolean; arrays: Float32Array[] } => {
      const memory = adamwMemory([n]);
      const [params, m, v] = [memory.allocate(n), memory.allocate(n), memory.allocate(n)];
      for (const [i, array] of [params, m, v].entries()) array.fill(i + 1);
      const grads = new Float32Array(n).fill(3);
      grads[at] = value;
      return { finite: memory.optimizer.update(params, grads, { m, v }, hyper), arrays: [params, m, v] };
    };
    const [poisoned, zero] = [updated(wrong), updated(0)];
    expect([poisoned.finite, zero.finite]).toEqual([false, true]);
    for (const [i, array] of poisoned.arrays.entries())
      expect(Buffer.compare(bytesOf(array), bytesOf(zero.arrays[i]!))).toBe(0);
  });

  test("does so in plain code and in gradient descent too", () => {
    for (const optimizer of [adamw(), sgd()] as Optimizer[]) {
      const state = { m: new Float32Array(3), v: new Float32Array(3) };
      const params = Float32Array.of(1, 2, 3);
      const hyper = { lr: 0.1, wd: 0, mom: 0.9, step: 1 };
      expect(optimizer.update(params, Float32Array.of(0, wrong, 0), state, hyper)).toBe(false);
      expect([...params, ...state.m]).toEqual([1, 2, 3, 0, 0, 0]);
      expect(optimizer.update(params, new Float32Array(3), state, hyper)).toBe(true);
    }
  });
});

test("SimdArena refuses what no memory can hold", () => {
  expect(() => new SimdArena(2 ** 30)).toThrowErrorMatchingInlineSnapshot(
    `[ResourceError: optimizer: 4295 MB in one piece are not to be had]`,
  );
});
