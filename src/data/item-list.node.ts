import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError, DataError, messageOf } from "../util/errors.ts";
import { parseCodes } from "./codes.ts";
import { cell, type CsvOptions, parseCsv, type Row } from "./csv.ts";
import type { ConvertMode } from "./dataset.ts";
import { writeBytes } from "./encode.node.ts";
import { type FileOptions, listImageFiles } from "./image-files.node.ts";
import { withoutImageExtension } from "./image.ts";
import { type ListItem, notFromTable } from "./list-item.ts";
import { NumpyRandom, pythonRandom } from "./mersenne.ts";
import * as split from "./split.ts";
import { type KFoldOptions, splitByGroup, splitKFold } from "./split-groups.ts";
import { SplitItemLists } from "./split-lists.node.ts";

/** Class names from a `codes.txt`, one per line. Throws a DataError for a list that is missing, empty or ambiguous. */
export async function readCodes(file: string): Promise<string[]> {
  return parseCodes(await readFile(file, "utf8").catch((error: unknown) => unreadable(file, error)), file);
}

interface ListOptions {
  /** How channels are read: "RGB", or "L" for brightness in all three; "RGB" where left out. */
  readonly convertMode?: ConvertMode;
}

export interface DfOptions extends ListOptions {
  /** The folder that paths begin at; the current one where left out. */
  readonly path?: string;
  /** The column with the names, by name or position; the first where left out. */
  readonly cols?: string | number;
  /** A folder below `path` that the names are in. */
  readonly folder?: string;
  /** What names lack at their end, such as ".jpg". */
  readonly suffix?: string;
}

/** The share of the images to validate on (default 0.2) and the seed of the choice (default 0). */
export interface GroupSplitOptions {
  readonly validPct?: number;
  readonly seed?: number;
}

/**
 * Pictures on their way to a DataBunch: fastai's data block, one step at a time. Sources, then filters, then a split,
 * then labels (`SplitItemLists`), transforms and the batches (`LabelLists`). Every step gives a new list.
 * @see fastai-spec 2
 */
export class SegmentationItemList {
  readonly folder: string;
  readonly items: readonly ListItem[];
  readonly convertMode: ConvertMode;

  private constructor(folder: string, items: readonly ListItem[], convertMode: ConvertMode = "RGB") {
    this.folder = folder;
    this.items = items;
    this.convertMode = convertMode;
  }

  /** All images below a folder, sorted by path. Throws a DataError when there are none. */
  static async fromFolder(folder: string, options: FileOptions & ListOptions = {}): Promise<SegmentationItemList> {
    const names = await listImageFiles(folder, options);
    if (names.length === 0)
      throw new DataError(`data: folder ${folder} holds no images`, { hint: "Name the folder of the pictures." });
    return SegmentationItemList.#ofNames(path.resolve(folder), names, options);
  }

  /** Images named by the rows of a table: path/folder/name+suffix. Throws a DataError for a row without a name. */
  static fromDf(rows: readonly Row[], options: DfOptions = {}): SegmentationItemList {
    const { path: top = ".", cols = 0, folder = "", suffix = "" } = options;
    const names = rows.map((row) =>
      path.posix.join(folder.replaceAll("\\", "/"), `${cell(row, cols, "fromDf")}${suffix}`),
    );
    if (names.length === 0) throw new DataError("data: fromDf: the table has no rows");
    return SegmentationItemList.#ofNames(path.resolve(top), names, options, rows);
  }

  /** The same for the rows of a CSV file with a header line, its path below `folder`. */
  static async fromCsv(
    folder: string,
    file: string,
    options: Omit<DfOptions, "path"> & CsvOptions = {},
  ): Promise<SegmentationItemList> {
    const at = path.resolve(folder, file);
    const text = await readFile(at, "utf8").catch((error: unknown) => unreadable(at, error));
    return SegmentationItemList.fromDf(parseCsv(text, file, options), { ...options, path: folder });
  }

  static #ofNames(folder: string, names: readonly string[], { convertMode }: ListOptions, rows?: readonly Row[]) {
    const ids = uniqueIds(names);
    const items = names.map((name, i): ListItem => {
      const row = rows === undefined ? {} : { row: rows[i]! };
      return { id: ids[i]!, image: path.resolve(folder, name), name, ...row };
    });
    return new SegmentationItemList(folder, items, convertMode);
  }

  /** Paths of the pictures. */
  get files(): readonly string[] {
    return this.items.map((item) => item.image);
  }

  get length(): number {
    return this.items.length;
  }

  /** Keeps the pictures whose path the function says yes to. (After labelling, the polarity is the opposite.) */
  filterByFunc(keep: (image: string) => boolean): SegmentationItemList {
    return this.#keep(this.items.filter((item) => keep(item.image)));
  }

  /** Keeps or leaves out pictures by the first folder of their path below the list's. */
  filterByFolder(options: {
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
  }): SegmentationItemList {
    const { include, exclude = [] } = options;
    const first = ({ name }: ListItem): string => name.split("/")[0]!;
    const kept = (item: ListItem): boolean =>
      include ? include.includes(first(item)) : !exclude.includes(first(item));
    return this.#keep(this.items.filter(kept));
  }

  /** Keeps each picture with probability p; the seed is Python's. */
  filterByRand(p: number, seed = 0): SegmentationItemList {
    const random = pythonRandom(seed);
    return this.#keep(this.items.filter(() => random() < p));
  }

  /** Keeps a random share: the first ⌊share·n⌋ of numpy's permutation, in its order. */
  usePartialData(samplePct = 0.01, seed = 0): SegmentationItemList {
    const order = new NumpyRandom(seed).permutation(this.length).slice(0, Math.floor(samplePct * this.length));
    return this.#keep(order.map((i) => this.items[i]!));
  }

  /** Writes the paths below the list's folder into a text file there, one a line. */
  async toText(file: string): Promise<void> {
    const text = this.items.map((item) => `${item.name}\n`).join("");
    await writeBytes(path.resolve(this.folder, file), new TextEncoder().encode(text));
  }

  /** Trains on every picture and validates on none. */
  splitNone(): SplitItemLists {
    return new SplitItemLists(this, { train: this.items, valid: [], notes: [] }, { withoutValidation: true });
  }

  /** Two lists as they are. */
  splitByList(train: SegmentationItemList, valid: SegmentationItemList): SplitItemLists {
    return this.#split(split.requireBoth({ train: train.items, valid: valid.items, notes: [] }, "splitByList"));
  }

  /** The pictures at some positions for training, at others for validation; the rest is left out. */
  splitByIdxs(train: readonly number[], valid: readonly number[]): SplitItemLists {
    return this.#split(split.splitByIdxs(this.items, train, valid));
  }

  /** Validates on the pictures at some positions, in that order, and trains on all others. */
  splitByIdx(valid: readonly number[]): SplitItemLists {
    return this.#split(split.splitByIdx(this.items, valid));
  }

  /** By the first folder of the path below the list's; pictures in other folders are left out. */
  splitByFolder(train = "train", valid = "valid"): SplitItemLists {
    return this.#split(split.splitByFolder(this.items, train, valid));
  }

  /** Validates on a seeded random share, fastai's for the same seed; 0 is `splitNone`. */
  splitByRandPct(validPct = 0.2, seed = 0): SplitItemLists {
    return validPct === 0 ? this.splitNone() : this.#split(split.splitByRandPct(this.items, validPct, seed));
  }

  /** Trains on one seeded random share and validates on another. */
  splitSubsets(trainSize: number, validSize: number, seed = 0): SplitItemLists {
    return this.#split(split.splitSubsets(this.items, trainSize, validSize, seed));
  }

  /** Validates on the pictures whose path the function says yes to. */
  splitByValidFunc(isValid: (image: string) => boolean): SplitItemLists {
    return this.#split(split.splitByFunc(this.items, (item) => isValid(item.image), "splitByValidFunc"));
  }

  /** Validates on the pictures with these file names. Names that match none are noted; throws when all or none do. */
  splitByFiles(names: readonly string[]): SplitItemLists {
    return this.#split(split.splitByFiles(this.items, names));
  }

  /** Validates on the images named in a text file, its path relative to `folder`, or to the list's. Errors as `splitByFiles`. */
  splitByFnameFile(file: string, folder: string = this.folder): SplitItemLists {
    const text = readText(path.resolve(folder, file));
    return this.#split(split.splitByNames(this.items, text, path.basename(file)));
  }

  /** Validates on the rows of the table whose column, by name or position, holds true, 1 or "true". */
  splitFromDf(col: string | number = 2): SplitItemLists {
    const isValid = ({ row }: ListItem): boolean => {
      if (row === undefined) throw notFromTable("splitFromDf");
      return /^(true|yes|[1-9]\d*)$/i.test(cell(row, col, "splitFromDf"));
    };
    return this.#split(split.splitByFunc(this.items, isValid, "splitFromDf"));
  }

  /**
   * Validates on whole groups of pictures: those are one for which the pattern's first group captures the same text of
   * the path below the list's folder, such as `/^(\w+)_\d+/` for the frames of a video.
   */
  splitByGroup(pattern: RegExp, { validPct = 0.2, seed = 0 }: GroupSplitOptions = {}): SplitItemLists {
    return this.#split(splitByGroup(this.items, pattern, validPct, seed));
  }

  /** Validates on one of k equal seeded parts; `group` keeps groups together as in `splitByGroup`. */
  splitKFold({ group, ...options }: KFoldOptions & { readonly group?: RegExp }): SplitItemLists {
    return this.#split(splitKFold(this.items, options, group));
  }

  /** Labels come after the split: throws a ConfigError that says so, as the other label methods do. */
  labelFromFunc(): never {
    throw unsplit("labelFromFunc");
  }
  labelFromRe(): never {
    throw unsplit("labelFromRe");
  }
  labelFromDf(): never {
    throw unsplit("labelFromDf");
  }
  labelFromLists(): never {
    throw unsplit("labelFromLists");
  }

  #keep(items: readonly ListItem[]): SegmentationItemList {
    return new SegmentationItemList(this.folder, items, this.convertMode);
  }

  #split(lists: split.SplitItems<ListItem>): SplitItemLists {
    return new SplitItemLists(this, lists);
  }
}

function unsplit(how: string): ConfigError {
  return new ConfigError(`${how}: the pictures are not split yet`, {
    hint: "Call a split before, such as splitByRandPct(); splitNone() trains on all of them.",
  });
}

/** Names without their extension, but for those that would then be equal. */
function uniqueIds(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(withoutImageExtension(name), (counts.get(withoutImageExtension(name)) ?? 0) + 1);
  return names.map((name) => (counts.get(withoutImageExtension(name)) === 1 ? withoutImageExtension(name) : name));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): never {
  throw new DataError(`data: ${file} cannot be read: ${messageOf(error)}`, { hint: "Check the path.", cause: error });
}
