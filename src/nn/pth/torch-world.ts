import type { PickleWorld } from "./pickle.ts";
import {
  damaged,
  PickleGlobal,
  type PickleValue,
  PthStorage,
  PthTensor,
  refused,
  storageWidths,
  type StorageType,
} from "./values.ts";

/** What a state dict saved by PyTorch may ask for: tensors, their storages, and ordered dictionaries. */
export const torchWorld: PickleWorld = {
  globals: new Map(
    [
      new PickleGlobal("collections.OrderedDict", orderedDict),
      new PickleGlobal("torch._utils._rebuild_tensor_v2", rebuildTensor),
      new PickleGlobal("torch._utils._rebuild_tensor", rebuildTensor),
      new PickleGlobal("torch._utils._rebuild_parameter", ([tensor]) => requireTensor(tensor)),
      new PickleGlobal("torch.Size", ([size]) => sizes(size, "size")),
      // fastai v2 keeps the optimizer's hyper-parameters in a list class of its own; nothing of them is read.
      new PickleGlobal("fastcore.foundation.L", () => new Map()),
      ...Object.keys(storageWidths).map((name) => new PickleGlobal(`torch.${name}`)),
    ].map((global) => [global.name, global]),
  ),
  persistent: storageOf,
};

function orderedDict([pairs = []]: readonly PickleValue[]): PickleValue {
  if (!Array.isArray(pairs)) throw damaged("an OrderedDict is made of something other than pairs");
  return new Map(
    pairs.map((pair): [PickleValue, PickleValue] => {
      if (!Array.isArray(pair) || pair.length !== 2) throw damaged("an OrderedDict is made of something but pairs");
      return [pair[0]!, pair[1]!];
    }),
  );
}

/** ("storage", class, key, device, elements), and in files of the old format what the storage is a part of. */
function storageOf(id: PickleValue): PickleValue {
  const [kind, type, key, , size, part = null] = Array.isArray(id) ? id : [];
  if (kind !== "storage" || typeof key !== "string" || !(type instanceof PickleGlobal))
    throw refused("its pickle refers to something outside that is no storage");
  const name = type.name.replace(/^torch\./, "");
  if (!isStorageType(name)) throw refused(`its pickle asks for a storage of ${type.name}`);
  if (part !== null) throw refused("its tensors are parts of storages, as PyTorch before 0.4 wrote them");
  return new PthStorage(key, name, natural(size, `size of storage ${key}`));
}

function isStorageType(name: string): name is StorageType {
  return Object.hasOwn(storageWidths, name);
}

/** (storage, offset, size, stride, …); what follows is about gradients. */
function rebuildTensor([storage, offset, size, stride]: readonly PickleValue[]): PthTensor {
  if (!(storage instanceof PthStorage)) throw damaged("a tensor has no storage");
  const shape = sizes(size, "size of a tensor");
  const steps = sizes(stride, "stride of a tensor");
  const start = natural(offset, "offset of a tensor");
  if (shape.length !== steps.length)
    throw damaged(`a tensor has ${shape.length} axes, but strides for ${steps.length}`);
  const count = shape.reduce((all, n) => all * n, 1);
  const last = shape.reduce((sum, n, i) => sum + (n - 1) * steps[i]!, start);
  // A tensor of more values than its storage would repeat them without end.
  if (!(count <= storage.size) || (count > 0 && !(last < storage.size)))
    throw damaged(
      `a tensor [${shape.join(", ")}] with strides [${steps.join(", ")}] from element ${start} does not fit its storage of ${storage.size}`,
    );
  return new PthTensor(storage, start, shape, steps);
}

function requireTensor(value: PickleValue | undefined): PthTensor {
  if (!(value instanceof PthTensor)) throw damaged("a parameter holds no tensor");
  return value;
}

const maxAxes = 16;

function sizes(value: PickleValue | undefined, what: string): number[] {
  if (!Array.isArray(value) || value.length > maxAxes) throw damaged(`the ${what} is no list of numbers`);
  return value.map((n) => natural(n, what));
}

function natural(value: PickleValue | undefined, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged(`the ${what} is ${typeof value === "number" || typeof value === "bigint" ? value : "no number"}`);
}
