import { createHash } from "node:crypto";
import { DataError, messageOf } from "../util/errors.ts";
import { withFile } from "../util/read-bounded.node.ts";
import { forEachLimited } from "./concurrent.ts";
import type { Item, SegmentationDataset } from "./dataset.ts";

/** What tells one dataset from another, each as 64 hexadecimal digits. */
export interface DatasetHash {
  /** Of the classes and of every picture and mask, byte by byte; the same however they are split. */
  readonly data: string;
  /** Of which pictures train and which validate. */
  readonly split: string;
}

/** Files in work at a time. */
const parallel = 4;
/** Bytes that are read at a time: most files at once. */
const pieceBytes = 2 ** 18;

/**
 * Reads all pictures and masks of a dataset and hashes them (SHA-256). Where the folder lies and in which order the
 * pictures are listed makes no difference.
 * @throws DataError for a file that cannot be read; the signal's reason.
 * @example const { data: hash, split: lists } = await hashDataset(dataset);
 */
export async function hashDataset(
  { classes, train, valid }: Pick<SegmentationDataset, "classes" | "train" | "valid">,
  { onProgress, signal }: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<DatasetHash> {
  const items = [...train, ...valid].toSorted(byId);
  const files: string[][] = [];
  let done = 0;
  await forEachLimited(items.length, parallel, async (i) => {
    const { id, image, mask } = items[i]!;
    signal?.throwIfAborted();
    files[i] = [id, await hashFile(image), await hashFile(mask)];
    onProgress?.(++done, items.length);
  });
  const idsOf = (list: readonly Item[]): string[] => list.toSorted(byId).map(({ id }) => id);
  return { data: hashOf([classes, files]), split: hashOf([idsOf(train), idsOf(valid)]) };
}

function byId(a: Item, b: Item): number {
  return a.id < b.id ? -1 : 1;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await withFile(file, async (handle) => {
      const piece = Buffer.allocUnsafe(pieceBytes);
      for (let length = -1; length !== 0;) {
        ({ bytesRead: length } = await handle.read(piece, 0, pieceBytes));
        hash.update(piece.subarray(0, length));
      }
    });
  } catch (error) {
    throw new DataError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return hash.digest("hex");
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
