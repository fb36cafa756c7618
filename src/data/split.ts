import { ConfigError, DataError } from "../util/errors.ts";
import type { Picture } from "./dataset.ts";
import { withoutImageExtension } from "./image.ts";
import { NumpyRandom } from "./mersenne.ts";

/** Items parted into two lists, with what a user should know about it. */
export interface SplitItems<T> {
  readonly train: readonly T[];
  readonly valid: readonly T[];
  readonly notes: readonly string[];
}

/**
 * Validation items are those named in `text`, one per line: by file name, with or without extension and subfolder.
 * @param list what messages call the text.
 * @throws DataError if it names nothing, no item or all items.
 */
export function splitByNames<T extends Picture>(items: readonly T[], text: string, list: string): SplitItems<T> {
  return splitByFiles(items, text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/), list);
}

/** The same for names in a list. */
export function splitByFiles<T extends Picture>(
  items: readonly T[],
  lines: readonly string[],
  list = "splitByFiles",
): SplitItems<T> {
  const names = new Map(lines.map((line) => [withoutImageExtension(line.trim().replaceAll("\\", "/")), line.trim()]));
  names.delete("");
  if (names.size === 0) {
    throw new DataError(`data: ${list} is empty, so there is no validation list`, {
      hint: "Write file names of images into it, one per line, or delete it for a random split.",
    });
  }
  const unmatched = new Map(names);
  const named = new Set<T>();
  for (const item of items) {
    for (const name of [item.id, fileName(item.id)]) {
      if (names.has(name)) named.add(item);
      unmatched.delete(name);
    }
  }
  if (named.size === 0) throw noneNamed(list, [...names.values()][0]!, items);
  if (named.size === items.length) {
    throw new DataError(`data: ${list} names all ${items.length} images, so none is left to train on`, {
      hint: "Leave only the images to validate on in it.",
    });
  }
  const [example] = unmatched.values();
  const notes =
    example === undefined ? [] : [`names in ${list} that match no image: ${unmatched.size}, such as ${example}`];
  return { train: items.filter((item) => !named.has(item)), valid: items.filter((item) => named.has(item)), notes };
}

/**
 * A random share of the items, at least one and not all, is the validation list, both in the order given.
 * @param share between 0 and 1.
 * @throws DataError for fewer than two items.
 */
export function splitRandomly<T>(items: readonly T[], share: number, seed: number): SplitItems<T> {
  const n = items.length;
  if (n < 2) {
    throw new DataError(`data: ${n} image cannot be split into training and validation images`, {
      hint: "Add images; two are the least.",
    });
  }
  const size = Math.min(Math.max(Math.floor(share * n), 1), n - 1);
  const valid = new Set(new NumpyRandom(seed).permutation(n).slice(0, size));
  return {
    train: items.filter((_, i) => !valid.has(i)),
    valid: items.filter((_, i) => valid.has(i)),
    notes: [`the validation list is a random choice: ${size} of ${n} images, seed ${seed}`],
  };
}

/**
 * fastai's seeded split: the first ⌊share·n⌋ of numpy's permutation, in its order, are for validation, the others in
 * their own order for training.
 * @throws ConfigError for a share that is not in [0, 1), DataError for an empty list.
 */
export function splitByRandPct<T>(items: readonly T[], share: number, seed: number): SplitItems<T> {
  requireShare("splitByRandPct", share);
  if (share === 0) return { train: items, valid: [], notes: [] };
  const order = new NumpyRandom(seed).permutation(items.length).slice(0, Math.floor(share * items.length));
  return splitByIdx(items, order, "splitByRandPct");
}

/** Two seeded shares of the items: the beginning and the end of numpy's permutation. Errors as `splitByRandPct`. */
export function splitSubsets<T>(items: readonly T[], train: number, valid: number, seed: number): SplitItems<T> {
  requireShare("splitSubsets", train);
  requireShare("splitSubsets", valid);
  if (train + valid > 1)
    throw new ConfigError(`splitSubsets: expected shares of at most 1 together, but received ${train} and ${valid}`);
  const n = items.length;
  const order = new NumpyRandom(seed).permutation(n);
  return splitByIdxs(
    items,
    order.slice(0, Math.floor(train * n)),
    order.slice(n - Math.floor(valid * n)),
    "splitSubsets",
  );
}

/** The items at some positions are for validation, in that order, all others for training. Errors as `splitByIdxs`. */
export function splitByIdx<T>(items: readonly T[], valid: readonly number[], how = "splitByIdx"): SplitItems<T> {
  const chosen = new Set(valid);
  const others = [...items.keys()].filter((i) => !chosen.has(i));
  return splitByIdxs(items, others, valid, how);
}

/**
 * The items at some positions for training and at others for validation; the rest is left out.
 * @param how what messages call the split.
 * @throws ConfigError for a position without an item, DataError for an empty list.
 */
export function splitByIdxs<T>(
  items: readonly T[],
  train: readonly number[],
  valid: readonly number[],
  how = "splitByIdxs",
): SplitItems<T> {
  const at = (i: number): T => {
    if (Number.isInteger(i) && i >= 0 && i < items.length) return items[i]!;
    throw new ConfigError(`${how}: expected positions from 0 to ${items.length - 1}, but received ${i}`);
  };
  return requireBoth({ train: train.map(at), valid: valid.map(at), notes: [] }, how);
}

/** Items go by the first folder of their path below the list's; those in other folders are left out, and it says so. */
export function splitByFolder<T extends Picture>(items: readonly T[], train: string, valid: string): SplitItems<T> {
  const folderOf = ({ id }: Picture): string => (id.includes("/") ? id.slice(0, id.indexOf("/")) : "");
  const inFolder = (name: string): T[] => items.filter((item) => folderOf(item) === name);
  const others = items.filter((item) => ![train, valid].includes(folderOf(item)));
  const note = `images outside ${train}/ and ${valid}/ are left out: ${others.length}, such as ${others[0]?.id}`;
  const found = { train: inFolder(train), valid: inFolder(valid), notes: others.length === 0 ? [] : [note] };
  return requireBoth(found, `splitByFolder (${train}/, ${valid}/)`);
}

/** Items a function says yes to are for validation. Throws a DataError for an empty list. */
export function splitByFunc<T>(items: readonly T[], isValid: (item: T) => boolean, how: string): SplitItems<T> {
  const chosen = items.map((item) => isValid(item));
  const side = (wanted: boolean): T[] => items.filter((_, i) => chosen[i] === wanted);
  return requireBoth({ train: side(false), valid: side(true), notes: [] }, how);
}

/** The split itself, or a DataError that names the empty list. */
export function requireBoth<T>(split: SplitItems<T>, how: string): SplitItems<T> {
  if (split.train.length > 0 && split.valid.length > 0) return split;
  const empty = split.train.length === 0 ? "training" : "validation";
  const sizes = `training ${split.train.length}, validation ${split.valid.length}`;
  throw new DataError(`data: ${how} leaves the ${empty} list empty (${sizes})`, {
    hint:
      empty === "training" ? "Choose fewer images to validate on." : "To train without validation, call splitNone().",
  });
}

export function requireShare(how: string, share: number): void {
  if (share >= 0 && share < 1) return;
  throw new ConfigError(`${how}: expected a share of at least 0 and below 1, but received ${share}`);
}

function noneNamed(list: string, first: string, items: readonly Picture[]): DataError {
  return new DataError(`data: no line of ${list} is the name of an image; the first is "${first}"`, {
    hint: `Names are those of image files without their folder, such as ${fileName(items[0]!.image)}.`,
  });
}

function fileName(file: string): string {
  return file.split(/[\\/]/).at(-1)!;
}
