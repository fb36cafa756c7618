import path from "node:path";
import { ConfigError, DataError, messageOf, SegkitError } from "../util/errors.ts";
import { readText, readTextSync, textLimits } from "../util/read-bounded.node.ts";
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

/**
 * Class names from a `codes.txt`, one per line. Throws a DataError for a list that is missing, empty or ambiguous.
 * @example const classes = await readCodes("data/camvid/codes.txt");
 */
export async function readCodes(file: string): Promise<string[]> {
  return parseCodes(await readText(file).catch((error: unknown) => unreadable(file, error)), file);
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
 * @see fastai-spec §2
 * @example
 * const list = await SegmentationItemList.fromFolder("data/camvid/images");
 * const maskOf = (image: string) => image.replace("images", "labels").replace(".png", "_P.png");
 * const labelled = list.splitByRandPct(0.2, 42).labelFromFunc(maskOf);
 * const data = await labelled.transform(getTransforms(), { size: [360, 480] }).databunch({ bs: 8 });
 */
export class SegmentationItemList {
  /** The absolute folder that names are relative to. */
  readonly folder: string;
  /** The pictures, each with its name below the folder. */
  readonly items: readonly ListItem[];
  /** How channels are read. */
  readonly convertMode: ConvertMode;

  private constructor(folder: string, items: readonly ListItem[], convertMode: ConvertMode = "RGB") {
    this.folder = folder;
    this.items = items;
    this.convertMode = convertMode;
  }

  /**
   * All images below a folder, sorted by path, subfolders too unless `recurse` is false. Throws a DataError when there
   * are none.
   * @see fastai-spec §2.1
   * @example const list = await SegmentationItemList.fromFolder("data/camvid/images", { exclude: ["old"] });
   */
  static async fromFolder(folder: string, options: FileOptions & ListOptions = {}): Promise<SegmentationItemList> {
    const names = await listImageFiles(folder, options);
    if (names.length === 0)
      throw new DataError(`data: folder ${folder} holds no images`, { hint: "Name the folder of the pictures." });
    return SegmentationItemList.#ofNames(path.resolve(folder), names, options);
  }

  /**
   * Images named by the rows of a table: path/folder/name+suffix. Throws a DataError for a row without a name.
   * @see fastai-spec §2.1
   * @example
   * const rows = [{ name: "a", mask: "a_P" }, { name: "b", mask: "b_P" }];
   * const list = SegmentationItemList.fromDf(rows, { path: folder, folder: "images", suffix: ".png" });
   */
  static fromDf(rows: readonly Row[], options: DfOptions = {}): SegmentationItemList {
    const { path: top = ".", cols = 0, folder = "", suffix = "" } = options;
    const names = rows.map((row) =>
      path.posix.join(folder.replaceAll("\\", "/"), `${cell(row, cols, "fromDf")}${suffix}`),
    );
    if (names.length === 0) throw new DataError("data: fromDf: the table has no rows");
    return SegmentationItemList.#ofNames(path.resolve(top), names, options, rows);
  }

  /**
   * As `fromDf`, for the rows of a CSV file with a header line, its path below `folder`. Throws a DataError for a file
   * that cannot be read or is no table.
   * @see fastai-spec §2.1
   * @example const list = await SegmentationItemList.fromCsv("data/camvid", "train.csv", { suffix: ".png" });
   */
  static async fromCsv(
    folder: string,
    file: string,
    options: Omit<DfOptions, "path"> & CsvOptions = {},
  ): Promise<SegmentationItemList> {
    const at = path.resolve(folder, file);
    const text = await readText(at, textLimits.listed).catch((error: unknown) => unreadable(at, error));
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

  /** Number of pictures. */
  get length(): number {
    return this.items.length;
  }

  /**
   * Keeps the pictures whose path the function says yes to. (After labelling, the polarity is the opposite.)
   * @see fastai-spec §2.2
   * @example const day = list.filterByFunc((image) => !image.includes("night"));
   */
  filterByFunc(keep: (image: string) => boolean): SegmentationItemList {
    return this.#keep(this.items.filter((item) => keep(item.image)));
  }

  /**
   * Keeps or leaves out pictures by the first folder of their path below the list's.
   * @see fastai-spec §2.2
   * @example const some = list.filterByFolder({ include: ["train", "val"] });
   */
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

  /**
   * Keeps each picture with probability p, 0–1, drawn as Python's `random` does from the seed.
   * @see fastai-spec §2.2
   * @example const half = list.filterByRand(0.5, 42);
   */
  filterByRand(p: number, seed = 0): SegmentationItemList {
    const random = pythonRandom(seed);
    return this.#keep(this.items.filter(() => random() < p));
  }

  /**
   * Keeps a random share, 0–1: the first ⌊share·n⌋ of numpy's permutation, in its order.
   * @see fastai-spec §2.2
   * @example const tenth = list.usePartialData(0.1, 42);
   */
  usePartialData(samplePct = 0.01, seed = 0): SegmentationItemList {
    const order = new NumpyRandom(seed).permutation(this.length).slice(0, Math.floor(samplePct * this.length));
    return this.#keep(order.map((i) => this.items[i]!));
  }

  /**
   * Writes the paths below the list's folder into a text file there, one a line. Throws a ResourceError when it cannot
   * be written.
   * @see fastai-spec §2.2
   * @example await list.toText("images.txt");
   */
  async toText(file: string): Promise<void> {
    const text = this.items.map((item) => `${item.name}\n`).join("");
    await writeBytes(path.resolve(this.folder, file), new TextEncoder().encode(text));
  }

  /**
   * Trains on every picture and validates on none.
   * @see fastai-spec §2.3
   * @example const labelled = list.splitNone().labelFromFunc((image) => image.replace("photos", "masks"));
   */
  splitNone(): SplitItemLists {
    return new SplitItemLists(this, { train: this.items, valid: [], notes: [] }, { withoutValidation: true });
  }

  /**
   * Two lists as they are. Throws a DataError when one is empty, as all splits do.
   * @see fastai-spec §2.3
   * @example const split = list.splitByList(list.usePartialData(0.1), list.usePartialData(0.1, 1));
   */
  splitByList(train: SegmentationItemList, valid: SegmentationItemList): SplitItemLists {
    return this.#split(split.requireBoth({ train: train.items, valid: valid.items, notes: [] }, "splitByList"));
  }

  /**
   * The pictures at some positions for training, at others for validation; the rest is left out. Throws a ConfigError
   * for a position that is not there.
   * @see fastai-spec §2.3
   * @example const split = list.splitByIdxs([0, 1, 2], [3]);
   */
  splitByIdxs(train: readonly number[], valid: readonly number[]): SplitItemLists {
    return this.#split(split.splitByIdxs(this.items, train, valid));
  }

  /**
   * Validates on the pictures at some positions, in that order, and trains on all others. Throws a ConfigError for a
   * position that is not there.
   * @see fastai-spec §2.3
   * @example const split = list.splitByIdx([0, 5, 10]);
   */
  splitByIdx(valid: readonly number[]): SplitItemLists {
    return this.#split(split.splitByIdx(this.items, valid));
  }

  /**
   * By the first folder of the path below the list's; pictures in other folders are left out. Throws a DataError when
   * one of the folders holds none.
   * @see fastai-spec §2.3
   * @example const split = list.splitByFolder("train", "val");
   */
  splitByFolder(train = "train", valid = "valid"): SplitItemLists {
    return this.#split(split.splitByFolder(this.items, train, valid));
  }

  /**
   * Validates on a seeded random share, fastai's for the same seed; 0 is `splitNone`. Throws a ConfigError for a share
   * outside [0, 1), a DataError when a list stays empty.
   * @see fastai-spec §2.3
   * @example const split = list.splitByRandPct(0.2, 42);
   */
  splitByRandPct(validPct = 0.2, seed = 0): SplitItemLists {
    return validPct === 0 ? this.splitNone() : this.#split(split.splitByRandPct(this.items, validPct, seed));
  }

  /**
   * Trains on one seeded random share, 0–1, and validates on another. Throws a ConfigError for shares of more than 1
   * together, a DataError when a list stays empty.
   * @see fastai-spec §2.3
   * @example const split = list.splitSubsets(0.08, 0.02, 42);
   */
  splitSubsets(trainSize: number, validSize: number, seed = 0): SplitItemLists {
    return this.#split(split.splitSubsets(this.items, trainSize, validSize, seed));
  }

  /**
   * Validates on the pictures whose path the function says yes to. Throws a DataError when a list stays empty.
   * @see fastai-spec §2.3
   * @example const split = list.splitByValidFunc((image) => image.includes("seq05"));
   */
  splitByValidFunc(isValid: (image: string) => boolean): SplitItemLists {
    return this.#split(split.splitByFunc(this.items, (item) => isValid(item.image), "splitByValidFunc"));
  }

  /**
   * Validates on the pictures with these file names, with or without extension and subfolder. Names that match none are
   * noted; throws a DataError when none or all of the pictures are named.
   * @see fastai-spec §2.3
   * @example const split = list.splitByFiles(["0016E5_07959.png", "0016E5_07961.png"]);
   */
  splitByFiles(names: readonly string[]): SplitItemLists {
    return this.#split(split.splitByFiles(this.items, names));
  }

  /**
   * Validates on the images named in a text file, one a line, its path relative to `folder`, or to the list's. Throws a
   * DataError for a file that cannot be read, and as `splitByFiles`.
   * @see fastai-spec §2.3
   * @example const split = list.splitByFnameFile("../valid.txt");
   */
  splitByFnameFile(file: string, folder: string = this.folder): SplitItemLists {
    const text = readList(path.resolve(folder, file));
    return this.#split(split.splitByNames(this.items, text, path.basename(file)));
  }

  /**
   * Validates on the rows of the table whose column, by name or position, holds true, 1 or "true". Throws a DataError
   * for a list that comes from no table or a row without a value.
   * @see fastai-spec §2.3
   * @example const split = list.splitFromDf("is_valid");
   */
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
   * @throws ConfigError for a share out of range or a pattern without a group, DataError for a picture that does not
   * match or when all are one group.
   * @example
   * const split = list.splitByGroup(/^(\w+)_\d+/, { validPct: 0.2, seed: 1 }); // frames of one video stay together
   */
  splitByGroup(pattern: RegExp, { validPct = 0.2, seed = 0 }: GroupSplitOptions = {}): SplitItemLists {
    return this.#split(splitByGroup(this.items, pattern, validPct, seed));
  }

  /**
   * Validates on part `fold` (from 0) of k equal seeded parts; `group` keeps groups together as in `splitByGroup`.
   * Throws a ConfigError for k below 2 or a fold that is not there, a DataError for fewer pictures or groups than
   * parts.
   * @example const folds = [0, 1, 2, 3, 4].map((fold) => list.splitKFold({ k: 5, fold }));
   */
  splitKFold({ group, ...options }: KFoldOptions & { readonly group?: RegExp }): SplitItemLists {
    return this.#split(splitKFold(this.items, options, group));
  }

  /**
   * Labels come after the split: throws a ConfigError that says so, as the other label methods do.
   * @example const labelled = list.splitByRandPct().labelFromFunc((image) => image.replace("photos", "masks"));
   */
  labelFromFunc(): never {
    throw unsplit("labelFromFunc");
  }
  /**
   * Throws as `labelFromFunc`: the split comes first.
   * @example
   * const labelled = list.splitByRandPct().labelFromRe(/^(.*)\.jpg$/, { folder: "../labels", suffix: "_P.png" });
   */
  labelFromRe(): never {
    throw unsplit("labelFromRe");
  }
  /**
   * Throws as `labelFromFunc`: the split comes first.
   * @example const labelled = list.splitFromDf("is_valid").labelFromDf({ cols: "mask" });
   */
  labelFromDf(): never {
    throw unsplit("labelFromDf");
  }
  /**
   * Throws as `labelFromFunc`: the split comes first.
   * @example const labelled = list.splitByIdx([1]).labelFromLists(["a_P.png"], ["b_P.png"]);
   */
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

function readList(file: string): string {
  try {
    return readTextSync(file, textLimits.listed);
  } catch (error) {
    return unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): never {
  if (error instanceof SegkitError) throw error;
  throw new DataError(`data: ${file} cannot be read: ${messageOf(error)}`, { hint: "Check the path.", cause: error });
}
