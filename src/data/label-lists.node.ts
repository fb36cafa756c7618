import path from "node:path";
import { ConfigError, DataError } from "../util/errors.ts";
import { checkDataset } from "./check.node.ts";
import { databunch, type SegmentationData } from "./databunch.node.ts";
import type { Item, Picture, SegmentationDataset } from "./dataset.ts";
import { readImageHeader } from "./decode.node.ts";
import { listImageFiles } from "./image-files.node.ts";
import { sizeText, withoutImageExtension } from "./image.ts";
import type { ListItem } from "./list-item.ts";
import type { TransformPair } from "./transforms/get-transforms.ts";
import type { ChannelStats } from "./transforms/normalize.ts";
import type { ApplyOptions } from "./transforms/plan.ts";
import type { SizeLike } from "./transforms/sizes.ts";
import type { TransformSpec } from "./transforms/table.ts";

/** How pictures are brought to one size, and whether masks go with them. */
export interface LabelTransformOptions extends ApplyOptions {
  /** Whether masks go through the same transforms, with the same draws; true where left out. */
  readonly tfmY?: boolean;
}

/** How labelled lists become batches. */
export interface BunchOptions {
  /** Pictures of a batch; default 8. */
  readonly bs?: number;
  /** Pictures of a batch outside training; default `bs`. */
  readonly valBs?: number;
  /** Decoding threads of each split. */
  readonly workers?: number;
  /** Decides the order of the pictures and the random transforms; default 0. */
  readonly seed?: number;
  /** Skips the check of every picture and mask. */
  readonly noCheck?: boolean;
  /** The folder of what belongs to the data, such as saved models; default the list's. */
  readonly path?: string;
  /** Whether training leaves out a last batch that is not full; default true. */
  readonly dropLast?: boolean;
  /** The same as calling `normalize` on the result. */
  readonly stats?: ChannelStats;
  /** Told what is allowed but worth knowing, a sentence each; a warning of the process where left out. */
  readonly onNote?: (note: string) => void;
  /** Told of the check: files done so far and their number. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface TestOptions {
  /** The mask of a picture, where the test set has some. */
  readonly label?: (image: string) => string;
}

interface Settings {
  readonly withoutValidation?: boolean;
  readonly transforms?: TransformPair;
  readonly transformOptions?: LabelTransformOptions;
}

/** Pictures with masks in two lists, on their way to a DataBunch. */
export class LabelLists {
  /** The pictures and masks of both lists, and the classes. */
  readonly dataset: SegmentationDataset;
  readonly #settings: Settings;

  /** Lists of a dataset; the label methods of `SplitItemLists` make it for you. */
  constructor(dataset: SegmentationDataset, settings: Settings = {}) {
    this.dataset = dataset;
    this.#settings = settings;
  }

  /**
   * Leaves out the pictures the function says yes to, given the paths of picture and mask (the opposite of before
   * labelling).
   * @see fastai-spec §2.5
   * @example const rest = labelled.filterByFunc((image) => image.endsWith("0016E5_00390.png"));
   */
  filterByFunc(drop: (image: string, mask: string) => boolean): LabelLists {
    const keep = (items: readonly Item[]): Item[] => items.filter(({ image, mask }) => !drop(image, mask));
    return this.#with({ train: keep(this.dataset.train), valid: keep(this.dataset.valid) });
  }

  /**
   * Sets how pictures and masks become samples. A parameter out of range is a ConfigError of `databunch`.
   * @param transforms the pair of `getTransforms`, or a list for the training pictures alone.
   * @param options `size` as height and width (squeezed) or the side of a square (cropped), and how to resize.
   * @see fastai-spec §2.5
   * @example const sized = labelled.transform(getTransforms(), { size: [360, 480], paddingMode: "border" });
   */
  transform(
    transforms: TransformPair | readonly TransformSpec[] = [],
    options: LabelTransformOptions = {},
  ): LabelLists {
    return new LabelLists(this.dataset, {
      ...this.#settings,
      transforms: isPair(transforms) ? transforms : [transforms, []],
      transformOptions: options,
    });
  }

  /**
   * Says that masks are transformed with their pictures, which is the default. Transforms or options of their own are a
   * ConfigError: masks would no longer lie over their pictures.
   * @see fastai-spec §2.5
   * @example const sized = labelled.transform(getTransforms(), { size: 224 }).transformY();
   */
  transformY(transforms?: TransformPair | readonly TransformSpec[], options?: LabelTransformOptions): LabelLists {
    const same = (a: unknown, b: unknown): boolean => a === undefined || JSON.stringify(a) === JSON.stringify(b ?? {});
    const pair = transforms && (isPair(transforms) ? transforms : [transforms, []]);
    const { transformOptions = {} } = this.#settings;
    if (!same(pair, this.#settings.transforms) || !same(options, transformOptions))
      throw new ConfigError("transformY: masks take the transforms of their pictures, not others", {
        hint: "Leave transformY out, or give it what transform was given.",
      });
    return new LabelLists(this.dataset, { ...this.#settings, transformOptions: { ...transformOptions, tfmY: true } });
  }

  /**
   * Adds pictures to test on, with the transforms of validation; they need no masks.
   * @param items paths, or an item list.
   * @see fastai-spec §2.5
   * @example const tested = labelled.addTest(await getImageFiles("data/unseen"));
   */
  addTest(items: readonly string[] | { readonly items: readonly ListItem[] }, { label }: TestOptions = {}): LabelLists {
    const { root } = this.dataset;
    const pictures: Picture[] = Array.isArray(items)
      ? (items as readonly string[]).map((file) => ({
          id: idBelow(root, path.resolve(file)),
          image: path.resolve(file),
        }))
      : (items as { readonly items: readonly ListItem[] }).items.map(({ id, image }) => ({ id, image }));
    return this.#with({ test: label ? pictures.map((item) => ({ ...item, mask: label(item.image) })) : pictures });
  }

  /**
   * Adds the pictures of a folder, its path relative to the list's folder. Throws a DataError when it holds none.
   * @see fastai-spec §2.5
   * @example const tested = await labelled.addTestFolder("../test");
   */
  async addTestFolder(folder = "test", options: TestOptions = {}): Promise<LabelLists> {
    const at = path.resolve(this.dataset.root, folder);
    const files = await listImageFiles(at);
    if (files.length === 0)
      throw new DataError(`data: folder ${at} holds no images`, { hint: "Name the test folder." });
    return this.addTest(
      files.map((file) => path.join(at, file)),
      options,
    );
  }

  /**
   * Checks every picture and mask, and opens loaders over them. They are not normalised: call `normalize` on the
   * result.
   * @throws DataError that names the first faulty file and says how to mend it; a ConfigError for wrong options.
   * @see fastai-spec §2.6
   * @example const data = await labelled.transform(getTransforms(), { size: [360, 480] }).databunch({ bs: 8 });
   */
  async databunch(options: BunchOptions = {}): Promise<SegmentationData> {
    const { bs = 8, valBs = bs, noCheck = false, stats = null, onNote = warn, onProgress, ...rest } = options;
    const { transforms: [train, valid] = [[], []], transformOptions = {} } = this.#settings;
    const size = transformOptions.size ?? (await this.#commonSize(noCheck));
    const found = noCheck ? [] : await this.#check(typeof size === "number" ? [size, size] : size, onProgress);
    const notes = [...this.dataset.notes, ...found];
    for (const note of notes) onNote(note);
    return databunch(
      { ...this.dataset, notes },
      {
        ...rest,
        ...transformOptions,
        ...{ size, transforms: train, validTransforms: valid, stats },
        batchSize: bs,
        validBatchSize: valBs,
      },
    );
  }

  async #check(size: readonly [number, number], onProgress: BunchOptions["onProgress"]): Promise<readonly string[]> {
    const { warnings } = await checkDataset(this.dataset, {
      size,
      withoutValidation: this.#settings.withoutValidation ?? false,
      ...(onProgress ? { onProgress } : {}),
    });
    return warnings;
  }

  /** The size of the pictures, where no other is asked for. Throws a DataError naming two that differ. */
  async #commonSize(firstOnly: boolean): Promise<SizeLike> {
    const { train, valid, test = [] } = this.dataset;
    const items = [...train, ...valid, ...test].slice(0, firstOnly ? 1 : undefined);
    let common: (Awaited<ReturnType<typeof readImageHeader>> & { image: string }) | undefined;
    for (const { image } of items) {
      const header = await readImageHeader(image);
      common ??= { ...header, image };
      if (header.height !== common.height || header.width !== common.width)
        throw new DataError(
          `data: images differ in size and do not fit into one batch: ${common.image} is ${sizeText(common)}, ${image} is ${sizeText(header)}`,
          { hint: "Give all one size: transform(transforms, { size: [height, width] })." },
        );
    }
    if (common) return [common.height, common.width];
    throw new DataError("data: the training list is empty", { hint: "Give at least one picture to train on." });
  }

  #with(lists: Partial<SegmentationDataset>): LabelLists {
    return new LabelLists({ ...this.dataset, ...lists }, this.#settings);
  }
}

function warn(note: string): void {
  process.emitWarning(note, "SegkitNote");
}

function isPair(transforms: TransformPair | readonly TransformSpec[]): transforms is TransformPair {
  return transforms.length === 2 && transforms.every((part) => Array.isArray(part));
}

/** A file's path below a folder, or its whole path, without its extension. */
function idBelow(folder: string, file: string): string {
  const below = path.relative(folder, file).replaceAll(path.sep, "/");
  return withoutImageExtension(below.startsWith("../") ? path.basename(file) : below);
}
