import { type Code, addI32, functionModule, get, i32, lessI32, repeat, set, types } from "./wasm.ts";

type ValueType = keyof typeof types;

/** A WebAssembly memory; its buffer is another one after it has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. */
  grow(pages: number): number;
}

/** A function of WebAssembly: its parameters in order, all numbers. */
export type Kernel = (...args: number[]) => void;

// Every runtime has it, but the language's own library does not declare it.
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Record<string, unknown> };
};

/** A memory of some pages of 64 KiB. */
export function wasmMemory(pages: number): WasmMemory {
  return new WebAssembly.Memory({ initial: pages });
}

/** The function of a module, working on a memory. Throws where the platform does not know its instructions. */
export function compileKernel(bytes: Uint8Array, memory: WasmMemory): Kernel {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports.run as Kernel;
}

/** The names of a kernel's parameters by type; they follow each other in this order. */
export interface Parameters<P extends string> {
  readonly i32: readonly (P | "bytes")[];
  readonly f32?: readonly P[];
  readonly f64?: readonly P[];
}

/** The parameters of a kernel, and the place in an array that the loop has come to. */
export type Row<P extends string> = Readonly<Record<P | "bytes", Code>> & {
  readonly address: (array: Code) => Code;
};

/** A local variable of a kernel. */
export interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

/** What the code of a kernel is made with. */
export interface Making {
  /** Declares a variable. */
  readonly local: (type: ValueType) => Local;
  /** A vector that is the same in every turn: worked out once, before the loop. */
  readonly fixed: (vector: Code) => Code;
}

/**
 * A module with a function `run` that works through rows of numbers, four at a time.
 * @param parameters `bytes` must be one of them: the length of the rows, a multiple of 16 above 0.
 * @param build makes the body of the loop.
 */
export function rowKernel<const P extends string>(
  { i32: integers, f32 = [], f64 = [] }: Parameters<P>,
  build: (row: Row<P>, making: Making) => Code,
): Uint8Array {
  const names = [...integers, ...f32, ...f64];
  const locals: ValueType[] = [];
  const before: number[] = [];
  const local = (type: ValueType): Local => {
    const index = names.length + locals.push(type) - 1;
    return { get: get(index), set: (value) => set(index, value) };
  };
  const fixed = (vector: Code): Code => {
    const kept = local("v128");
    before.push(...kept.set(vector));
    return kept.get;
  };
  const at = local("i32");
  const row = Object.fromEntries(names.map((name, i) => [name, get(i)])) as Record<P | "bytes", Code>;
  const body = build({ ...row, address: (array) => addI32(array, at.get) }, { local, fixed });
  const loop = repeat([...body, ...at.set(addI32(at.get, i32(16)))], lessI32(at.get, row.bytes));
  return functionModule(
    [...integers.map(() => types.i32), ...f32.map(() => types.f32), ...f64.map(() => types.f64)],
    locals.map((type) => types[type]),
    [...before, ...loop],
  );
}
