import { bfloatToFloat, halfToFloat } from "../half.ts";
import type { StoredTensor } from "../safetensors.ts";
import { damaged, type PthTensor, storageWidths, type StorageType } from "./values.ts";

/**
 * The values of a tensor in row-major order, of its storage's bytes. Half and bfloat16 become float32, short and char
 * int32, bool uint8. Throws a CorruptFileError when the storage has another length than the tensor's says.
 */
export function readTensor({ storage, offset, shape, stride }: PthTensor, bytes: Uint8Array): StoredTensor {
  const width = storageWidths[storage.type];
  if (bytes.length !== storage.size * width)
    throw damaged(`expected ${storage.size * width} bytes for storage ${storage.key}, but found ${bytes.length}`);
  const count = shape.reduce((all, n) => all * n, 1);
  const contiguous = isContiguous(shape, stride);
  const used = contiguous ? bytes.subarray(offset * width, (offset + count) * width) : bytes;
  const { dtype, data } = decoders[storage.type](used);
  return { dtype, shape, data: contiguous ? data : gathered(data, { offset, shape, stride, count }) } as StoredTensor;
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i]! !== 1 && stride[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

interface View extends Pick<PthTensor, "offset" | "shape" | "stride"> {
  readonly count: number;
}

function gathered<T extends StoredTensor["data"]>(data: T, { offset, shape, stride, count }: View): T {
  const result = new (data.constructor as new (length: number) => T)(count);
  const index = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < count; i++) {
    result[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

type Decoded = Pick<StoredTensor, "dtype" | "data">;

/** From the little-endian bytes of a storage to its numbers. */
const decoders: Readonly<Record<StorageType, (bytes: Uint8Array) => Decoded>> = {
  FloatStorage: (bytes) => ({ dtype: "F32", data: new Float32Array(copied(bytes)) }),
  DoubleStorage: (bytes) => ({ dtype: "F64", data: new Float64Array(copied(bytes)) }),
  HalfStorage: (bytes) => ({ dtype: "F32", data: halfToFloat(new Uint16Array(copied(bytes))) }),
  BFloat16Storage: (bytes) => ({ dtype: "F32", data: bfloatToFloat(new Uint16Array(copied(bytes))) }),
  LongStorage: (bytes) => ({ dtype: "I64", data: new BigInt64Array(copied(bytes)) }),
  IntStorage: (bytes) => ({ dtype: "I32", data: new Int32Array(copied(bytes)) }),
  ShortStorage: (bytes) => ({ dtype: "I32", data: Int32Array.from(new Int16Array(copied(bytes))) }),
  CharStorage: (bytes) => ({ dtype: "I32", data: Int32Array.from(new Int8Array(copied(bytes))) }),
  ByteStorage: (bytes) => ({ dtype: "U8", data: new Uint8Array(copied(bytes)) }),
  BoolStorage: (bytes) => ({ dtype: "U8", data: new Uint8Array(copied(bytes)) }),
};

/** Memory of its own: aligned for every element type, and free of the rest of the file. */
function copied(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
