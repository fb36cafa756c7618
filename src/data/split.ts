import { DataError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import type { Item } from "./dataset.ts";
import { withoutImageExtension } from "./image.ts";

/** Items parted into two lists, each in the order given, with what a user should know about it. */
export interface SplitItems {
  readonly train: readonly Item[];
  readonly valid: readonly Item[];
  readonly notes: readonly string[];
}

/**
 * Validation items are those named in `text`, one per line: by file name, with or without extension and subfolder.
 * @param list what messages call the text.
 * @throws DataError if it names nothing, no item or all items.
 */
export function splitByNames(items: readonly Item[], text: string, list: string): SplitItems {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const names = new Map(lines.map((line) => [withoutImageExtension(line.trim().replaceAll("\\", "/")), line.trim()]));
  names.delete("");
  if (names.size === 0) {
    throw new DataError(`data: ${list} is empty, so there is no validation list`, {
      hint: "Write file names of images into it, one per line, or delete it for a random split.",
    });
  }
  const unmatched = new Map(names);
  const named = new Set<Item>();
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
 * A random share of the items, at least one and not all, is the validation list.
 * @param share between 0 and 1.
 * @throws DataError for fewer than two items.
 */
export function splitRandomly(items: readonly Item[], share: number, seed: number): SplitItems {
  const n = items.length;
  if (n < 2) {
    throw new DataError(`data: ${n} image cannot be split into training and validation images`, {
      hint: "Add images; two are the least.",
    });
  }
  const size = Math.min(Math.max(Math.floor(share * n), 1), n - 1);
  const valid = new Set(new Random(seed).split("valid").permutation(n).slice(0, size));
  return {
    train: items.filter((_, i) => !valid.has(i)),
    valid: items.filter((_, i) => valid.has(i)),
    notes: [`the validation list is a random choice: ${size} of ${n} images, seed ${seed}`],
  };
}

function noneNamed(list: string, first: string, items: readonly Item[]): DataError {
  return new DataError(`data: no line of ${list} is the name of an image; the first is "${first}"`, {
    hint: `Names are those of image files without their folder, such as ${fileName(items[0]!.image)}.`,
  });
}

function fileName(file: string): string {
  return file.split(/[\\/]/).at(-1)!;
}
