import { type Code, i32, store } from "../../util/wasm.ts";
import { type Making, rowKernel } from "../../util/wasm-kernel.ts";
import { f32, f32x4, i32x4 } from "../../util/wasm-lanes.ts";

const { add, sub, mul, div, splat, load, pmin, pmax } = f32x4;
const number = (value: number): Code => splat(f32(value));

/**
 * Changes brightness and contrast of values in [0, 1] in place: v becomes 1 / (1 + 2^(contrast · log2(v / (1 − v)) +
 * brightness)), scaled and shifted: both with their signs turned, and brightness as a power of 2 instead of e.
 */
export function toneKernel(): Uint8Array {
  const parameters = { i32: ["values", "bytes"], f32: ["contrast", "brightness", "scale", "shift"] } as const;
  return rowKernel(parameters, ({ address, values, contrast, brightness, scale, shift }, making) => {
    const { local, fixed } = making;
    const [p, q] = [local("v128"), local("v128")];
    const [one, least] = [fixed(number(1)), fixed(number(1e-7))];
    const logarithm = log2Ratio(pmax(least, p.get), pmax(least, q.get), splat(contrast), making);
    return [
      ...p.set(load(address(values))),
      ...q.set(sub(one, p.get)),
      ...p.set(add(one, exp2(add(logarithm, fixed(splat(brightness))), making))),
      ...store(address(values), add(div(fixed(splat(scale)), p.get), fixed(splat(shift)))),
    ];
  });
}

/**
 * factor · log2(p / q) of positive numbers. The difference of their bits is the logarithm but for 0.09, in 2^−23: its whole
 * part e is taken, and then the series of the area tangent for p / (q · 2^e), which lies near 1.
 */
function log2Ratio(above: Code, below: Code, factor: Code, { local, fixed }: Making): Code {
  const [p, q, whole, s, square] = [local("v128"), local("v128"), local("v128"), local("v128"), local("v128")];
  // The bits of 2^−126 are 2^23, the unit of an exponent.
  const half = fixed(i32x4.shiftRight(number(2 ** -126), i32(1)));
  const [a, b, c, d] = [1, 3, 5, 7].map((n) => fixed(mul(factor, number(2 / Math.LN2 / n)))) as Four;
  return [
    ...p.set(above),
    ...q.set(below),
    ...whole.set(i32x4.add(i32x4.sub(p.get, q.get), half)),
    ...whole.set(i32x4.shiftRight(whole.get, i32(23))),
    ...q.set(i32x4.add(q.get, i32x4.shiftLeft(whole.get, i32(23)))),
    ...s.set(div(sub(p.get, q.get), add(p.get, q.get))),
    ...square.set(mul(s.get, s.get)),
    ...add(
      mul(f32x4.fromI32(whole.get), fixed(factor)),
      mul(s.get, cubic(square.get, mul(square.get, square.get), a, b, c, d)),
    ),
  ];
}

/** Powers of 2: a whole exponent, and a series of what is left of it. */
function exp2(exponent: Code, { local, fixed }: Making): Code {
  const [x, whole, square] = [local("v128"), local("v128"), local("v128")];
  // Added to a number, it leaves no fraction, and the whole number stands in the lowest bits.
  const rounder = fixed(number(1.5 * 2 ** 23));
  const [a, b, c, d, e, f] = [1, 1, 2, 6, 24, 120].map((n, k) => fixed(number(Math.LN2 ** k / n))) as [
    ...Four,
    Code,
    Code,
  ];
  return [
    ...x.set(pmin(fixed(number(126)), pmax(fixed(number(-126)), exponent))),
    ...whole.set(add(x.get, rounder)),
    ...x.set(sub(x.get, sub(whole.get, rounder))),
    ...square.set(mul(x.get, x.get)),
    ...i32x4.add(
      add(linear(x.get, a, b), mul(square.get, cubic(x.get, square.get, c, d, e, f))),
      i32x4.shiftLeft(whole.get, i32(23)),
    ),
  ];
}

type Four = [Code, Code, Code, Code];

/** a + b · x. */
const linear = (x: Code, a: Code, b: Code): Code => add(a, mul(x, b));

/** a + b · x + c · x² + d · x³, with few steps that wait for each other. */
function cubic(x: Code, square: Code, a: Code, b: Code, c: Code, d: Code): Code {
  return add(linear(x, a, b), mul(square, linear(x, c, d)));
}
