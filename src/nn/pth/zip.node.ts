import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import { messageOf } from "../../util/errors.ts";
import { unpickle } from "./pickle.ts";
import { torchWorld } from "./torch-world.ts";
import { damaged, type PthArchive, refused, storageWidths } from "./values.ts";

/** What an archive may hold at most. */
export interface ZipLimits {
  readonly entries: number;
  /** Bytes of the pickle. */
  readonly pickle: number;
  /** Unpacked bytes for each byte of the file, beside 16 MiB that harm nobody: PyTorch does not compress. */
  readonly ratio: number;
}

const defaultLimits: ZipLimits = { entries: 20_000, pickle: 2 ** 26, ratio: 4 };
const always = 2 ** 24;

/**
 * A file in PyTorch's zip format: `NAME/data.pkl`, and a storage in each `NAME/data/KEY`. Storages are read when they
 * are asked for.
 * @param size of the file, in bytes.
 * @throws CorruptFileError for what is no such archive or beyond the limits.
 */
export async function openZip(file: string, size: number, limits: ZipLimits = defaultLimits): Promise<PthArchive> {
  const zip = await yauzl.openPromise(file, { autoClose: false }).catch((error: unknown) => {
    throw damaged(`it is no whole zip archive (${messageOf(error)})`);
  });
  try {
    const entries = await readEntries(zip, size, limits);
    const prefix = prefixOf(entries);
    const read = (name: string): Promise<Uint8Array> => readEntry(zip, entries, `${prefix}${name}`);
    const byteOrder = entries.get(`${prefix}byteorder`);
    if (byteOrder) {
      if (byteOrder.uncompressedSize > 20) throw damaged(`its byte order has ${byteOrder.uncompressedSize} bytes`);
      const order = String.fromCodePoint(...(await read("byteorder")));
      if (order !== "little") throw refused(`its numbers are in ${JSON.stringify(order)} byte order`);
    }
    const pickle = entries.get(`${prefix}data.pkl`)!;
    if (pickle.uncompressedSize > limits.pickle) throw refused(`its pickle has ${pickle.uncompressedSize} bytes`);
    const { value } = unpickle(await read("data.pkl"), torchWorld);
    return {
      value,
      storage: ({ key, type, size: elements }) => {
        const name = `data/${key}`;
        const found = entries.get(`${prefix}${name}`)?.uncompressedSize;
        const expected = elements * storageWidths[type];
        if (found !== expected)
          throw damaged(`expected ${expected} bytes for storage ${key}, but found ${found ?? "none"}`);
        return read(name);
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function readEntries(zip: yauzl.ZipFile, size: number, limits: ZipLimits): Promise<Map<string, yauzl.Entry>> {
  if (zip.entryCount > limits.entries) throw refused(`the archive has ${zip.entryCount} entries`);
  const entries = new Map<string, yauzl.Entry>();
  let [packed, unpacked] = [0, 0];
  for (const entry of await listed(zip)) {
    if (entries.has(entry.fileName)) throw damaged(`the archive has ${entry.fileName} twice`);
    entries.set(entry.fileName, entry);
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
  }
  if (packed > size) throw damaged("entries of the archive share their bytes");
  if (unpacked > always + limits.ratio * size) throw refused(`${size} bytes unpack to ${unpacked}`);
  return entries;
}

async function listed(zip: yauzl.ZipFile): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw damaged(`its list of entries cannot be read (${messageOf(error)})`);
  }
  return entries;
}

/** The folder in the archive that everything is in. */
function prefixOf(entries: ReadonlyMap<string, yauzl.Entry>): string {
  const pickles = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw refused(`expected an archive with one data.pkl, but found ${pickles.length}`);
  return pickles[0]!.slice(0, -"data.pkl".length);
}

async function readEntry(
  zip: yauzl.ZipFile,
  entries: ReadonlyMap<string, yauzl.Entry>,
  name: string,
): Promise<Uint8Array> {
  const entry = entries.get(name);
  if (!entry) throw damaged(`${name} is not in the archive`);
  const bytes = new Uint8Array(entry.uncompressedSize);
  let [length, crc] = [0, 0];
  try {
    // yauzl ends the stream with an error where more or fewer bytes come than are stated.
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      bytes.set(chunk as Uint8Array, length);
      length += (chunk as Uint8Array).length;
      crc = crc32(chunk as Uint8Array, crc);
    }
  } catch (error) {
    throw damaged(`${name} cannot be unpacked (${messageOf(error)})`);
  }
  if (crc !== entry.crc32) throw damaged(`${name} has another checksum than is stated`);
  return bytes;
}
