import { expect, test } from "vitest";
import { floatToHalf, halfToFloat } from "./half.ts";

test("every half-precision number comes back from float32 as it was", () => {
  const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
  const back = floatToHalf(halfToFloat(bits));
  const isNaNBits = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
  expect([...bits].filter((half) => (isNaNBits(half) ? !isNaNBits(back[half]!) : back[half] !== half))).toEqual([]);
});

test("others become the nearest one, ties the even one, too large ones infinite", () => {
  const step = 2 ** -10;
  const values = [1 + 0.49 * step, 1 + 0.5 * step, 1 + 0.51 * step, 1 + 1.5 * step, 65519, 65520, -1e9];
  expect([...halfToFloat(floatToHalf(Float32Array.from(values)))]).toEqual([
    ...[1, 1, 1 + step, 1 + 2 * step, 65504, Infinity, -Infinity],
  ]);
  const least = 2 ** -24;
  const small = [0.5 * least, 0.51 * least, 1.5 * least, 2 ** -14 - 0.4 * least, 1e-30, -0];
  expect([...halfToFloat(floatToHalf(Float32Array.from(small)))]).toEqual([0, least, 2 * least, 2 ** -14, 0, -0]);
});
