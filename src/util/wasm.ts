/** Bytes of WebAssembly code that leave one value on the stack, or none. Opcodes: WebAssembly specification, section 5.4. */
export type Code = readonly number[];

/** An unsigned number in LEB128. */
function leb(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...leb(Math.floor(value / 0x80))];
}

/** The bytes of a SIMD instruction. */
export const simd = (opcode: number): number[] => [0xfd, ...leb(opcode)];

/** Value types. */
export const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

export const get = (local: number): Code => [0x20, ...leb(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...leb(local)];
/** Sets a local and leaves its value on the stack. */
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...leb(local)];
export const i32 = (value: number): Code => [0x41, ...leb(value)];
export const addI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const lessI32 = (a: Code, b: Code): Code => [...a, ...b, 0x49];
/** Four float32 at an address. */
export const load = (address: Code): Code => [...address, ...simd(0x00), 0, 0];
export const store = (address: Code, value: Code): Code => [...address, ...value, ...simd(0x0b), 0, 0];
/** One float32, four times. */
export const splat = (x: Code): Code => [...x, ...simd(0x13)];
export const sqrt = (x: Code): Code => [...x, ...simd(0xe3)];
export const add = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)];
export const sub = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe5)];
export const mul = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)];
export const div = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe7)];
/** Repeats the body for as long as the condition after it holds. */
export const repeat = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];

const vector = (items: readonly Code[]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...leb(content.length), ...content];
const text = (name: string): number[] => [name.length, ...Array.from(name, (char) => char.codePointAt(0)!)];

/** A module that imports `env.memory` and exports one function `run` without results. Section 5.5 of the specification. */
export function functionModule(parameters: readonly number[], locals: readonly number[], body: Code): Uint8Array {
  const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(parameters.map((type) => [type])), 0]])),
    ...section(2, vector([[...text("env"), ...text("memory"), 2, 0, 1]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...text("run"), 0, 0]])),
    ...section(10, vector([[...leb(code.length), ...code]])),
  ]);
}
