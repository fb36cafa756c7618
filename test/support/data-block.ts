import path from "node:path";
import { afterEach } from "vitest";
import type { SegmentationData } from "../../src/data/databunch.node.ts";
import { SegmentationItemList } from "../../src/data/item-list.node.ts";
import type { BunchOptions, LabelLists } from "../../src/data/label-lists.node.ts";
import type { LabelOptions } from "../../src/data/split-lists.node.ts";
import { SegkitError } from "../../src/util/errors.ts";

const opened: SegmentationData[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((data) => data.close()));
});

/** Data that are closed after the test. */
export function closing<T extends SegmentationData>(data: T): T {
  opened.push(data);
  return data;
}

/** The mask of a picture in fastai's layout. */
export const getMask = (image: string): string => image.replace(/images([/\\])(.*)\.\w+$/, "labels$1$2_P.png");

/** A dataset folder as labelled lists that validate on the pictures at positions 4 and 5. */
export async function listsOf(root: string, options: LabelOptions = {}): Promise<LabelLists> {
  const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
  return list.splitByIdx([4, 5]).labelFromFunc(getMask, options);
}

/** Batches of 2, without threads; closed after the test. */
export async function bunchOf(lists: LabelLists, options: BunchOptions = {}): Promise<SegmentationData> {
  return closing(await lists.databunch({ bs: 2, workers: 0, onNote: () => {}, ...options }));
}

/** Exit code, message and hint of an error, with the folder's own path replaced. */
export async function failure(work: () => unknown, root = "nowhere"): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SegkitError)
      return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replaceAll(root, "ROOT");
    throw error;
  }
  throw new Error("expected an error");
}
