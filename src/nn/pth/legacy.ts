import { ByteReader } from "./byte-reader.ts";
import { unpickle } from "./pickle.ts";
import { torchWorld } from "./torch-world.ts";
import { damaged, type PickleValue, type PthArchive, type PthStorage, refused, storageWidths } from "./values.ts";

/** The number that every file of PyTorch's old format begins with, as a pickle. */
const magic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

export function isLegacy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/**
 * A file in the format of PyTorch before 1.6: pickles of the magic number, the protocol, the machine, the object and the
 * storages' keys, then for each storage its number of elements and their bytes. Source: PyTorch's
 * `torch/serialization.py`.
 * @throws CorruptFileError
 */
export function openLegacy(bytes: Uint8Array): PthArchive {
  const seen = new Map<string, PthStorage>();
  const world = {
    ...torchWorld,
    persistent: (id: PickleValue): PickleValue => {
      const storage = torchWorld.persistent(id) as PthStorage;
      seen.set(storage.key, storage);
      return storage;
    },
  };
  const plain = { globals: new Map(), persistent: torchWorld.persistent };
  const protocol = unpickle(bytes, plain, magic.length);
  if (protocol.value !== 1001) throw refused("it is of another protocol than 1001");
  const machine = unpickle(bytes, plain, protocol.end);
  if (machine.value instanceof Map && machine.value.get("little_endian") === false)
    throw refused("it was written on a big-endian machine");
  const object = unpickle(bytes, world, machine.end);
  const keys = unpickle(bytes, plain, object.end);
  const storages = readStorages(bytes, keys.value, keys.end, seen);
  return {
    value: object.value,
    storage: ({ key }) => {
      const found = storages.get(key);
      return found ? Promise.resolve(found) : Promise.reject(damaged(`storage ${key} is not in the file`));
    },
    close: () => {},
  };
}

function readStorages(
  bytes: Uint8Array,
  keys: PickleValue,
  start: number,
  seen: ReadonlyMap<string, PthStorage>,
): Map<string, Uint8Array> {
  if (!Array.isArray(keys)) throw damaged("the list of storages is missing");
  const reader = new ByteReader(bytes, start);
  const storages = new Map<string, Uint8Array>();
  for (const key of keys) {
    const storage = typeof key === "string" ? seen.get(key) : undefined;
    if (!storage) throw damaged("a storage belongs to no tensor");
    const size = reader.u64();
    if (size !== storage.size)
      throw damaged(`storage ${storage.key} has ${size} elements, but its tensors expect ${storage.size}`);
    storages.set(storage.key, reader.bytes(size * storageWidths[storage.type]));
  }
  return storages;
}
