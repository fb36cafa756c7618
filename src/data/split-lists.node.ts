import { existsSync } from "node:fs";
import path from "node:path";
import { ConfigError, DataError } from "../util/errors.ts";
import { readTextSync } from "../util/read-bounded.node.ts";
import { parseCodes, requireNames } from "./codes.ts";
import { cell } from "./csv.ts";
import type { ConvertMode, Item, SegmentationDataset } from "./dataset.ts";
import { LabelLists } from "./label-lists.node.ts";
import { type ListItem, notFromTable } from "./list-item.ts";
import { maskTable, type MaskOptions, voidOf } from "./mask-options.ts";
import { paletteFor } from "./palette.ts";
import type { SplitItems } from "./split.ts";

/** What masks mean. */
export interface LabelOptions {
  /** Class names, the position is the id; where left out, those of codes.txt in the list's folder or the one above. */
  readonly classes?: readonly string[];
  /** How pixels of the masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions;
}

/** Where the files of masks are whose names come from somewhere else. */
export interface MaskFileOptions extends LabelOptions {
  /** The folder of the masks, its path relative to the list's folder; that folder itself where left out. */
  readonly folder?: string;
  /** What the names lack at their end; nothing where left out. */
  readonly suffix?: string;
}

interface ListContext {
  readonly folder: string;
  readonly convertMode: ConvertMode;
}

/**
 * Pictures in two lists, still without masks. fastai's `label_from_folder` and `label_empty` have no meaning for masks
 * and do not exist here: pictures without masks belong into `addTest`.
 * Every label method throws a DataError for a mask that does not exist and a ConfigError when the classes are unknown.
 * @see fastai-spec §2.4
 */
export class SplitItemLists {
  /** The pictures to train on. */
  readonly train: readonly ListItem[];
  /** The pictures to validate on. */
  readonly valid: readonly ListItem[];
  readonly #list: ListContext;
  readonly #notes: readonly string[];
  readonly #withoutValidation: boolean;

  /** Two lists; the splits of `SegmentationItemList` make it for you. */
  constructor(
    { folder, convertMode }: ListContext,
    split: SplitItems<ListItem>,
    { withoutValidation = false }: { readonly withoutValidation?: boolean } = {},
  ) {
    this.#list = { folder, convertMode };
    this.train = split.train;
    this.valid = split.valid;
    this.#notes = split.notes;
    this.#withoutValidation = withoutValidation;
  }

  /**
   * Gives every picture its mask: `getMask` maps the picture's path to the mask's.
   * @throws DataError for a mask that does not exist, ConfigError when the classes are unknown.
   * @see fastai-spec §2.4
   * @example
   * const labelled = split.labelFromFunc((image) => image.replace("images", "labels").replace(/\.\w+$/, "_P.png"));
   */
  labelFromFunc(getMask: (image: string) => string, options: LabelOptions = {}): LabelLists {
    return this.#label((item) => getMask(item.image), options, "labelFromFunc");
  }

  /**
   * The mask's name is the pattern's first group in the picture's file name (`fullPath`: in its whole path), plus
   * `suffix`, in `folder`.
   * @throws DataError for a picture that does not match, and as `labelFromFunc`.
   * @see fastai-spec §2.4
   * @example const labelled = split.labelFromRe(/^(.*)\.jpg$/, { folder: "../labels", suffix: "_P.png" });
   */
  labelFromRe(pattern: RegExp, options: MaskFileOptions & { readonly fullPath?: boolean } = {}): LabelLists {
    const matcher = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    const name = ({ image }: ListItem): string => {
      const text = options.fullPath ? image.replaceAll(path.sep, "/") : path.basename(image);
      const found = matcher.exec(text)?.[1];
      if (found !== undefined) return found;
      throw new DataError(`data: labelFromRe: ${pattern} captures nothing in ${text}`, {
        hint: "Put the mask's name in parentheses, such as /^(.*)\\.jpg$/.",
      });
    };
    return this.#label((item) => this.#maskFile(name(item), options), options, "labelFromRe");
  }

  /**
   * The mask's name is in a column of the table, by name or position (default the second), plus `suffix`, in `folder`.
   * @throws DataError for a list that comes from no table or a row without a value, and as `labelFromFunc`.
   * @see fastai-spec §2.4
   * @example const labelled = split.labelFromDf({ cols: "mask", folder: "labels", suffix: ".png" });
   */
  labelFromDf({ cols = 1, ...options }: MaskFileOptions & { readonly cols?: string | number } = {}): LabelLists {
    const name = ({ row }: ListItem): string => {
      if (row === undefined) throw notFromTable("labelFromDf");
      return cell(row, cols, "labelFromDf");
    };
    return this.#label((item) => this.#maskFile(name(item), options), options, "labelFromDf");
  }

  /**
   * One mask for all pictures, such as the road of a camera that does not move.
   * @throws as `labelFromFunc`.
   * @see fastai-spec §2.4
   * @example const labelled = split.labelConst("masks/road.png", { classes: ["Void", "Road"] });
   */
  labelConst(mask: string, options: LabelOptions = {}): LabelLists {
    return this.#label(() => mask, options, "labelConst");
  }

  /**
   * Paths of the masks, in the order of the pictures.
   * @throws ConfigError for another number of masks than pictures, and as `labelFromFunc`.
   * @see fastai-spec §2.4
   * @example const labelled = split.labelFromLists(["a_P.png", "b_P.png"], ["c_P.png"], { classes: ["Void", "Road"] });
   */
  labelFromLists(train: readonly string[], valid: readonly string[], options: LabelOptions = {}): LabelLists {
    for (const [side, masks] of [
      ["train", train],
      ["valid", valid],
    ] as const) {
      if (masks.length !== this[side].length)
        throw new ConfigError(
          `labelFromLists: expected ${this[side].length} masks for ${side}, but received ${masks.length}`,
        );
    }
    return this.#label((_, i) => [...train, ...valid][i]!, options, "labelFromLists");
  }

  #maskFile(name: string, { folder = "", suffix = "" }: MaskFileOptions): string {
    return path.resolve(this.#list.folder, folder, `${name}${suffix}`);
  }

  /** @param maskOf is given the training pictures and after them the others, with their positions. */
  #label(maskOf: (item: ListItem, position: number) => string, options: LabelOptions, how: string): LabelLists {
    const { folder, convertMode } = this.#list;
    const classes = options.classes ?? codesNear(folder, how);
    requireNames(classes, "the list of classes");
    maskTable(options.masks);
    const items = [...this.train, ...this.valid].map((item, i): Item => ({
      id: item.id,
      image: item.image,
      mask: maskOf(item, i),
    }));
    requireMasks(items, folder);
    const [train, valid] = [items.slice(0, this.train.length), items.slice(this.train.length)];
    const voidIndex = voidOf(classes, options.masks);
    const dataset: SegmentationDataset = {
      root: folder,
      classes,
      ...{ train, valid, voidIndex, convertMode },
      ...(options.masks ? { masks: options.masks } : {}),
      palette: paletteFor(classes, voidIndex),
      notes: this.#notes,
    };
    return new LabelLists(dataset, { withoutValidation: this.#withoutValidation });
  }
}

/** The class names in a codes.txt beside or above the pictures. */
function codesNear(folder: string, how: string): string[] {
  for (const file of [path.join(folder, "codes.txt"), path.join(path.dirname(folder), "codes.txt")])
    if (existsSync(file)) return parseCodes(readTextSync(file), file);
  throw new ConfigError(`${how}: the class names are unknown`, {
    hint: 'Give them as { classes: ["sky", …] }, the position being the id, or write a codes.txt beside the images.',
  });
}

function requireMasks(items: readonly Item[], folder: string): void {
  const missing = items.filter((item) => !existsSync(item.mask));
  const [first] = missing;
  if (first === undefined) return;
  const short = (file: string): string => path.relative(folder, file).replaceAll(path.sep, "/");
  const all = missing.length === 1 ? "" : ` (${missing.length} of ${items.length} images have none)`;
  throw new DataError(`data: image ${short(first.image)} has no mask: ${first.mask} does not exist${all}`, {
    hint: "Mend the way to the masks, add the file, or leave the image out with filterByFunc.",
  });
}
