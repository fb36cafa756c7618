import { namingFile } from "../../util/naming-file.ts";
import { readModelFile, readHead } from "../../util/read-bounded.node.ts";
import type { StoredTensor } from "../safetensors.ts";
import { readTensor } from "./elements.ts";
import { isLegacy, openLegacy } from "./legacy.ts";
import { stateDictOf } from "./state-dict.ts";
import { damaged, type PthArchive, type PthTensor, refused, storageWidths } from "./values.ts";
import { openZip } from "./zip.node.ts";

const hint = "Give a file that PyTorch saved.";

const maxBytes = 8 * 2 ** 30;
/** Node reads no more than this at once. */
const maxLegacyBytes = 2 ** 31 - 1;

/**
 * The tensors of a state dict that PyTorch saved (`torch.save`), by their names: the dict itself, or what fastai's
 * `learn.save` and others put it into. Both of PyTorch's formats are read, by an interpreter that can build nothing
 * but tensors, numbers, text, lists and dictionaries.
 * @throws ConfigError when there is no such file; CorruptFileError when it is damaged or asks for anything else.
 * @example const tensors = await readPth("stage-1.pth");
 */
export async function readPth(file: string): Promise<Map<string, StoredTensor>> {
  const { head, size } = await readHead(file, 64, hint);
  return namingFile(file, async () => {
    const archive = await openArchive(file, head, size);
    try {
      return await readTensors(archive, size);
    } finally {
      archive.close();
    }
  });
}

/** Whether a file begins as PyTorch's do: as a zip archive or as a pickle. */
export function looksLikePth(head: Uint8Array): boolean {
  return isZip(head) || head[0] === 0x80;
}

async function openArchive(file: string, head: Uint8Array, size: number): Promise<PthArchive> {
  if (size > maxBytes) throw refused(`it has ${size} bytes, more than ${maxBytes}`);
  if (isZip(head)) return openZip(file, size);
  if (isLegacy(head)) {
    if (size > maxLegacyBytes) throw refused(`a file of PyTorch's old format has ${size} bytes`);
    return openLegacy(await readModelFile(file, hint));
  }
  if (head[0] === 0x80) throw refused("it is a pickle, but not one that torch.save wrote");
  throw damaged("it is no file that torch.save wrote", "Give a .pth file of PyTorch or a .safetensors file.");
}

function isZip(head: Uint8Array): boolean {
  return [0x50, 0x4b, 3, 4].every((byte, i) => head[i] === byte);
}

async function readTensors(archive: PthArchive, size: number): Promise<Map<string, StoredTensor>> {
  const tensors = stateDictOf(archive.value);
  requireSize([...tensors.values()], size);
  const result = new Map<string, StoredTensor>();
  for (const group of byStorage(tensors)) {
    const bytes = await archive.storage(group[0]![1].storage);
    for (const [name, tensor] of group) result.set(name, readTensor(tensor, bytes));
  }
  return new Map([...tensors.keys()].map((name) => [name, result.get(name)!]));
}

/** Many tensors may be views of one storage: together they hold no more than a few times what the file does. */
function requireSize(tensors: readonly PthTensor[], size: number): void {
  const bytes = tensors.reduce(
    (sum, { shape, storage }) => sum + shape.reduce((all, n) => all * n, storageWidths[storage.type]),
    0,
  );
  const most = 2 ** 20 + 4 * size;
  if (bytes > most) throw refused(`its tensors have ${bytes} bytes, but the file only ${size}`);
}

/** Tensors in groups that share a storage, which is then read once. */
function byStorage(tensors: ReadonlyMap<string, PthTensor>): (readonly [string, PthTensor])[][] {
  const groups = new Map<string, [string, PthTensor][]>();
  for (const [name, tensor] of tensors) {
    const group = groups.get(tensor.storage.key);
    if (group) group.push([name, tensor]);
    else groups.set(tensor.storage.key, [[name, tensor]]);
  }
  return [...groups.values()];
}
