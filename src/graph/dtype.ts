/** Element types of the graph. `bool` is one byte, 0 or 1. `int64` appears only where ONNX insists on it. */
export type DType = "float32" | "int32" | "int64" | "uint8" | "bool";

interface Arrays {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

const arrays: { readonly [D in DType]: new (length: number) => Arrays[D] } = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The typed array that holds elements of a dtype. */
export type ArrayOf<D extends DType> = Arrays[D];

/** The values of a tensor, row-major. */
export type TensorData = ArrayOf<DType>;

/** Values as text, another for every other list of values; `join` alone writes −0 as 0. */
export function showValues(data: TensorData): string {
  return Array.from<number | bigint, string>(data, (value) => (Object.is(value, -0) ? "-0" : String(value))).join();
}

/** Whether an array is of the type that holds elements of a dtype, whichever realm it comes from. */
export function holds(dtype: DType, data: TensorData): boolean {
  return data[Symbol.toStringTag] === arrays[dtype].name;
}

/** A zero-filled array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): ArrayOf<D> {
  return new arrays[dtype](length);
}
