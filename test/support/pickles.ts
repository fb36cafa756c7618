import { crc32, deflateRawSync } from "node:zlib";
import type { StateDict } from "../../src/nn/state.ts";

/** Pickle opcodes by their names in Python's pickletools, as pieces to be joined. */
export const op = {
  proto: (version = 2) => [0x80, version],
  mark: [0x28],
  stop: [0x2e],
  none: [0x4e],
  emptyDict: [0x7d],
  emptyTuple: [0x29],
  tuple: [0x74],
  tuple1: [0x85],
  emptyList: [0x5d],
  append: [0x61],
  setItem: [0x73],
  setItems: [0x75],
  reduce: [0x52],
  build: [0x62],
  newObj: [0x81],
  persistent: [0x51],
  dup: [0x32],
  pop: [0x30],
  text: (value: string) => [0x58, ...u32(Buffer.byteLength(value)), ...Buffer.from(value)],
  int: (value: number) => [0x4a, ...u32(value)],
  global: (module: string, name: string) => [0x63, ...Buffer.from(`${module}\n${name}\n`)],
  stackGlobal: [0x93],
  put: (index: number) => [0x71, index],
  get: (index: number) => [0x68, index],
} as const;

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
}

/** A whole pickle of protocol 2. */
export function pickle(...pieces: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...op.proto(), ...pieces.flat(), ...op.stop]);
}

/** The pieces that leave a tensor of a float32 storage of `elements` on the stack, of storage "0" where left out. */
export function tensorPieces(
  shape: readonly number[],
  stride: readonly number[],
  options: {
    readonly offset?: number;
    readonly elements?: number;
    readonly storage?: string;
    readonly key?: string;
  } = {},
): number[] {
  const { offset = 0, elements = 4, storage = "FloatStorage", key = "0" } = options;
  const list = (values: readonly number[]): number[] => [op.mark, ...values.map(op.int), op.tuple].flat();
  return [
    op.global("torch._utils", "_rebuild_tensor_v2"),
    ...[op.mark, op.mark, op.text("storage"), op.global("torch", storage), op.text(key), op.text("cpu")],
    ...[op.int(elements), op.tuple, op.persistent, op.int(offset), list(shape), list(stride)],
    ...[[0x89], op.emptyDict, op.tuple, op.reduce],
  ].flat();
}

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** Stated instead of the true ones. */
  readonly crc?: number;
  readonly size?: number;
}

/** A zip archive. */
export function zip(files: readonly ZipFile[]): Uint8Array {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflate = false, crc = crc32(bytes), size = bytes.length } of files) {
    const packed = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(deflate ? 8 : 0, 4);
    shared.writeUInt32LE(crc, 10);
    shared.writeUInt32LE(deflate || size === bytes.length ? packed.length : size, 14);
    shared.writeUInt32LE(size, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), shared, Buffer.from(name)]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const made = Buffer.from([0x50, 0x4b, 1, 2, 20, 0]);
    central.push(Buffer.concat([made, shared, tail, Buffer.from(name)]));
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** A file as torch.save writes it, of a pickle and the bytes of storage "0". */
export function torchFile(data: Uint8Array, storage: Uint8Array = new Uint8Array(16)): Uint8Array {
  return zip([
    { name: "w/data.pkl", bytes: data },
    { name: "w/byteorder", bytes: Buffer.from("little") },
    { name: "w/data/0", bytes: storage },
    { name: "w/version", bytes: Buffer.from("3\n") },
  ]);
}

/** A state dict as torch.save writes it, each tensor in a storage of its own. */
export function torchStateDict(state: StateDict): Uint8Array {
  const entries = [...state];
  const pieces = entries.map(([name, { shape, data }], i) => {
    const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const tensor = tensorPieces(shape, stride, { elements: data.length, key: String(i) });
    return [...op.text(name), ...tensor, ...op.setItem];
  });
  return zip([
    { name: "w/data.pkl", bytes: pickle(op.emptyDict, ...pieces) },
    ...entries.map(([, { data }], i) => ({
      name: `w/data/${i}`,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
  ]);
}
