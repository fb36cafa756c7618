import { describe, expect, test } from "vitest";
import { applyTone, composeTones, logit, toneCurve } from "./lighting.ts";

describe("applyTone", () => {
  test.each([
    [0.5, 0],
    [0.8, logit(0.4)],
    [1, logit(0.6)],
    [1.25, logit(0.4)],
    [2, 0],
  ])("contrast %f, brightness %f: the table is within 3e-6 of the formula", (contrast, brightness) => {
    const values = Float32Array.from({ length: 30_001 }, (_, i) => i / 30_000);
    const toned = values.slice();
    applyTone(toned, toneCurve({ contrast, brightness }), 1, 0);
    let error = 0;
    for (const [i, value] of values.entries()) {
      const exact = 1 / (1 + Math.exp(-(contrast * logit(value) + brightness)));
      error = Math.max(error, Math.abs(exact - toned[i]!));
    }
    expect(error).toBeLessThan(3e-6);
  });

  test("scales and shifts what comes out", () => {
    const values = Float32Array.of(0.25, 0.5, 1);
    applyTone(values, toneCurve({ contrast: 1, brightness: 0 }), 4, -2);
    for (const [i, value] of [-1, 0, 2].entries()) expect(values[i]).toBeCloseTo(value, 5);
  });
});

test("a composed tone is one after the other", () => {
  const tone = composeTones({ contrast: 2, brightness: 3 }, { contrast: 5, brightness: 7 });
  expect(tone).toEqual({ contrast: 10, brightness: 22 });
});

test("logit is finite for black and white", () => {
  expect(logit(0)).toBeCloseTo(-16.118, 3);
  expect(logit(1)).toBeCloseTo(16.118, 3);
  expect(logit(0.5)).toBe(0);
});
