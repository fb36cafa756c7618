import { CorruptFileError } from "../../util/errors.ts";

/** Element types of PyTorch's storages, by the names of their classes. */
export const storageWidths = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
} as const;

export type StorageType = keyof typeof storageWidths;

/** A run of numbers in the file, which tensors are views of. */
export class PthStorage {
  readonly key: string;
  readonly type: StorageType;
  /** Number of elements. */
  readonly size: number;

  constructor(key: string, type: StorageType, size: number) {
    this.key = key;
    this.type = type;
    this.size = size;
  }
}

/** A tensor of the file, its values not read yet. */
export class PthTensor {
  readonly storage: PthStorage;
  /** Its first element in the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements of the storage from one index to the next, for each axis. */
  readonly stride: readonly number[];

  constructor(storage: PthStorage, offset: number, shape: readonly number[], stride: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
  }
}

/** A name that a pickle may ask for: what it stands for, and what calling it builds. */
export class PickleGlobal {
  readonly name: string;
  /** Null for what cannot be called. */
  readonly call: ((args: readonly PickleValue[]) => PickleValue) | null;

  constructor(name: string, call: PickleGlobal["call"] = null) {
    this.name = name;
    this.call = call;
  }
}

/** Everything that a pickle can build here. Lists and tuples are arrays, dictionaries Maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PthTensor
  | PthStorage
  | PickleGlobal;

/** An opened weights file: what its pickle says, and the bytes of its storages. */
export interface PthArchive {
  readonly value: PickleValue;
  storage(storage: PthStorage): Promise<Uint8Array>;
  close(): void;
}

/** The error for what is damaged. */
export function damaged(message: string, hint = "The file is damaged; download or save it again."): CorruptFileError {
  return new CorruptFileError(`pth: ${message}`, { hint });
}

/** The error for what segkit will not build. */
export function refused(message: string): CorruptFileError {
  return new CorruptFileError(`pth: ${message}`, {
    hint: `segkit reads tensors, numbers, text, lists and dictionaries, and runs nothing. If you trust the file, load it in PyTorch and save the weights alone: torch.save(model.state_dict(), "weights.pth").`,
  });
}
