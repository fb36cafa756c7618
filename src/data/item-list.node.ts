import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { DataError, messageOf } from "../util/errors.ts";
import { checkDataset } from "./check.node.ts";
import { parseCodes, voidIndexOf } from "./codes.ts";
import type { DataBunch } from "./databunch.ts";
import { databunch } from "./databunch.node.ts";
import type { Item, SegmentationDataset } from "./dataset.ts";
import { hasImageExtension, withoutImageExtension } from "./image.ts";
import { paletteFor } from "./palette.ts";
import { splitByNames, splitRandomly, type SplitItems } from "./split.ts";
import type { ChannelStats, TransformSpec } from "./transform.ts";

/** Class names from a `codes.txt`, one per line. Throws a DataError for a list that is missing, empty or ambiguous. */
export async function readCodes(file: string): Promise<string[]> {
  return parseCodes(await readFile(file, "utf8").catch((error: unknown) => unreadable(file, error)), file);
}

/** Pictures on their way to a DataBunch: fastai's data block, one step at a time. */
export class SegmentationItemList {
  readonly folder: string;
  readonly files: readonly string[];

  private constructor(folder: string, files: readonly string[]) {
    this.folder = folder;
    this.files = files;
  }

  /** All images below a folder, sorted. Throws a DataError when there are none. */
  static async fromFolder(folder: string): Promise<SegmentationItemList> {
    const names = await readdir(folder, { recursive: true }).catch((error: unknown) => unreadable(folder, error));
    const hidden = (name: string): boolean => name.split(path.sep).some((part) => part.startsWith("."));
    const images = names.filter((name) => hasImageExtension(name) && !hidden(name)).toSorted();
    if (images.length === 0)
      throw new DataError(`data: folder ${folder} holds no images`, { hint: "Name the folder of the pictures." });
    return new SegmentationItemList(
      path.resolve(folder),
      images.map((name) => path.resolve(folder, name)),
    );
  }

  /** Validates on the images named in a text file, its path relative to the folder. Throws a DataError when it names none. */
  splitByFnameFile(file: string): SplitItemLists {
    const text = this.#read(path.resolve(this.folder, file));
    return new SplitItemLists(this, splitByNames(this.#items(), text, path.basename(file)));
  }

  /** Validates on a seeded random share of the images. */
  splitByRandPct(validPct = 0.2, seed = 0): SplitItemLists {
    return new SplitItemLists(this, splitRandomly(this.#items(), validPct, seed));
  }

  #items(): Item[] {
    const id = (file: string): string =>
      withoutImageExtension(path.relative(this.folder, file).replaceAll(path.sep, "/"));
    return this.files.map((image) => ({ id: id(image), image, mask: "" }));
  }

  #read(file: string): string {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      return unreadable(file, error);
    }
  }
}

/** Pictures in two lists, still without masks. */
export class SplitItemLists {
  readonly #list: SegmentationItemList;
  readonly #split: SplitItems;

  constructor(list: SegmentationItemList, split: SplitItems) {
    this.#list = list;
    this.#split = split;
  }

  /** Gives every picture its mask: `getMask` maps the picture's path to the mask's. */
  labelFromFunc(getMask: (image: string) => string, { classes }: { readonly classes: readonly string[] }): LabelLists {
    const label = (items: readonly Item[]): Item[] => items.map((item) => ({ ...item, mask: getMask(item.image) }));
    const voidIndex = voidIndexOf(classes);
    return new LabelLists({
      root: this.#list.folder,
      classes,
      train: label(this.#split.train),
      valid: label(this.#split.valid),
      voidIndex,
      palette: paletteFor(classes, voidIndex),
      notes: this.#split.notes,
    });
  }
}

/** Pictures with masks in two lists. */
export class LabelLists {
  readonly dataset: SegmentationDataset;
  readonly #transforms: readonly TransformSpec[] | undefined;
  readonly #size: readonly [height: number, width: number] | undefined;

  constructor(
    dataset: SegmentationDataset,
    transforms?: readonly TransformSpec[],
    size?: readonly [height: number, width: number],
  ) {
    this.dataset = dataset;
    this.#transforms = transforms;
    this.#size = size;
  }

  /** Sets the size that pictures and masks are resized to, and the random transforms of the training pictures. */
  transform(transforms: readonly TransformSpec[], { size }: { readonly size: readonly [number, number] }): LabelLists {
    return new LabelLists(this.dataset, transforms, size);
  }

  /**
   * Checks every picture and mask, and opens loaders over them. Throws a DataError that names the first faulty file
   * and says how to mend it.
   */
  async databunch(
    options: {
      /** Pictures of a batch; default 8. */
      readonly bs?: number;
      readonly seed?: number;
      readonly workers?: number;
      readonly stats?: ChannelStats;
    } = {},
  ): Promise<DataBunch> {
    if (!this.#size)
      throw new DataError("data: no size is set", {
        hint: "Call transform(transforms, { size: [height, width] }) first.",
      });
    await checkDataset(this.dataset, { size: this.#size });
    const { bs = 8, ...rest } = options;
    return databunch(this.dataset, { ...rest, batchSize: bs, size: this.#size, transforms: this.#transforms ?? [] });
  }
}

function unreadable(file: string, error: unknown): never {
  throw new DataError(`data: ${file} cannot be read: ${messageOf(error)}`, { hint: "Check the path.", cause: error });
}
