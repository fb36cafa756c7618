import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { adamwMemory, SimdArena } from "./adamw-simd.ts";
import { adamw } from "./adamw.ts";

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

test("SimdArena refuses what no memory can hold", () => {
  expect(() => new SimdArena(2 ** 30)).toThrowErrorMatchingInlineSnapshot(
    `[ResourceError: optimizer: 4295 MB in one piece are not to be had]`,
  );
});
