/** @file More SIMD instructions than `wasm.ts` has, as functions of code. Opcodes: WebAssembly specification, section 5.4. */
import { type Code, add, div, mul, simd, splat, sub } from "./wasm.ts";

const unary =
  (opcode: number) =>
  (x: Code): Code => [...x, ...simd(opcode)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(opcode)];

/** Reads memory at an address of type i32, some bytes further on. */
const reading =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [...address, ...simd(opcode), 0, offset];

/** Four float32 beside each other. `pmin(a, b)` is b where b < a, else a; `pmax` likewise: b may be no number. */
export const f32x4 = {
  load: reading(0x00),
  splat,
  add,
  sub,
  mul,
  div,
  equal: binary(0x41),
  notEqual: binary(0x42),
  less: binary(0x43),
  floor: unary(0x68),
  nearest: unary(0x6a),
  abs: unary(0xe0),
  pmin: binary(0xea),
  pmax: binary(0xeb),
  fromI32: unary(0xfa),
} as const;

/** Two float64 beside each other. */
export const f64x2 = {
  splat: unary(0x14),
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  div: binary(0xf3),
  /** Of the first two of four i32. */
  fromI32: unary(0xfe),
  /** As float32, in the first two of four places. */
  toF32: unary(0x5e),
} as const;

/** Four i32 beside each other. */
export const i32x4 = {
  splat: unary(0x11),
  add: binary(0xae),
  sub: binary(0xb1),
  mul: binary(0xb5),
  shiftLeft: binary(0xab),
  shiftRight: binary(0xac),
  /** Float32 without their fractions; 0 for what is no number. */
  fromF32: unary(0xf8),
  /** The first four of eight u16. */
  fromU16: unary(0xa9),
} as const;

/** Eight bytes from memory as u16. */
export const loadBytes = reading(0x02);
export const and = binary(0x4e);
/** The bits of `a` where those of `mask` are set, else those of `b`. */
export const select = (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)];
/** One of four i32. */
export const laneOf = (x: Code, lane: number): Code => [...x, ...simd(0x1b), lane];

/** Four of the eight numbers of 32 bits that `a` and then `b` hold, by their positions. */
export function pick(a: Code, b: Code, positions: readonly [number, number, number, number]): Code {
  const bytes = positions.flatMap((position) => [0, 1, 2, 3].map((byte) => 4 * position + byte));
  return [...a, ...b, ...simd(0x0d), ...bytes];
}

/** Constants of type f32 and f64. */
export const f32 = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
export const f64 = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)];
/** One unsigned byte from memory. */
export const loadByte = (address: Code): Code => [...address, 0x2d, 0, 0];
/** An i32 into memory. */
export const storeI32 = (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x36, 0, offset];
