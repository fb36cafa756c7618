import { ConfigError } from "../util/errors.ts";
import type { BadPictures } from "./bad-pictures.ts";
import type { Batch } from "./batch.ts";
import { type DataBunch, type DatasetType, loaderOf } from "./databunch.ts";
import { type DataDescription, describeData } from "./data-description.ts";
import type { Item, Picture, SegmentationDataset } from "./dataset.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { writeBytes } from "./encode.node.ts";
import type { IdMask, RgbImage } from "./image.ts";
import { ignoredId } from "./mask-options.ts";
import { showBatch, type ShowBatchOptions } from "./show-batch.node.ts";
import { SplitLoader } from "./split-loader.node.ts";
import { batchStats, requireStats } from "./stats.ts";
import { flipLr } from "./transforms/builders.ts";
import { type ChannelStats, imagenetStats, unitStats } from "./transforms/normalize.ts";
import type { ApplyOptions } from "./transforms/plan.ts";
import type { SampleSpec } from "./transforms/sample.ts";
import { type SizeLike, targetSize } from "./transforms/sizes.ts";
import type { TransformSpec } from "./transforms/table.ts";

/** How a dataset becomes batches. */
export interface DataBunchOptions extends Omit<ApplyOptions, "size"> {
  /** What pictures and masks are brought to: height and width (squeezed), or the side of a square (cropped). */
  readonly size: SizeLike;
  /** Pictures of a batch; default 8. */
  readonly batchSize?: number;
  /** Pictures of a batch in all loaders but the training one; default `batchSize`. */
  readonly validBatchSize?: number;
  /** Random transforms of the training pictures; default: a horizontal flip of every second one. */
  readonly transforms?: readonly TransformSpec[];
  /** Transforms of all other pictures; default none. */
  readonly validTransforms?: readonly TransformSpec[];
  /** Whether masks go through the same transforms; default true. */
  readonly tfmY?: boolean;
  /** Mean and standard deviation of the channels; default ImageNet's, null to leave them to `normalize`. */
  readonly stats?: ChannelStats | null;
  /** Whether training leaves out a last batch that is not full; default true. */
  readonly dropLast?: boolean;
  /** Decides the order of the pictures and the random transforms; default 0. */
  readonly seed?: number;
  /** Decoding threads of each split. */
  readonly workers?: number;
  /**
   * Keeps the pictures that cannot be read, which are left out: in training others of the epoch take their places. Without
   * it, the first one is an error.
   */
  readonly bad?: BadPictures | undefined;
  /** The folder of what belongs to the data, such as saved models; default the dataset's. */
  readonly path?: string;
}

/** Pictures as they are stored, one by one. */
export interface PictureList {
  readonly items: readonly Picture[];
  readonly length: number;
  /** A picture and its mask, if it has one, neither resized nor transformed. */
  get(i: number): Promise<{ readonly id: string; readonly image: RgbImage; readonly mask: IdMask | null }>;
}

/**
 * Loaders over a dataset: training shuffled without the last partial batch; validation, test, the training pictures
 * once more without random transforms (`fix`) and single validation pictures, all complete and in order.
 * @throws ConfigError for options that are none, or fewer training pictures than a batch.
 * @see fastai-spec §2.6
 * @example const data = databunch(await openFolder(folder), { size: [360, 480], batchSize: 8, seed: 1 });
 */
export function databunch(dataset: SegmentationDataset, options: DataBunchOptions): SegmentationData {
  return new SegmentationData(dataset, options);
}

/** A DataBunch over files, as `databunch` and the data block make it. */
export class SegmentationData implements DataBunch {
  /** The pictures and masks that it is made of. */
  readonly dataset: SegmentationDataset;
  /** The folder of what belongs to the data, such as saved models. */
  readonly path: string;
  /** Height and width of every picture of a batch, in pixels. */
  readonly size: readonly [height: number, width: number];
  /** The id beyond the classes that pixels without a label have; null: there is none. */
  readonly ignoreIndex: number | null;
  /** Training batches: shuffled, transformed at random. */
  readonly train: SplitLoader;
  /** Validation batches, in order. */
  readonly valid: SplitLoader;
  /** The training pictures in order, with the transforms of validation. */
  readonly fix: SplitLoader;
  /** The validation pictures, one a batch. */
  readonly single: SplitLoader;
  /** The pictures added by `addTest`, in order; not there without them. */
  readonly test?: SplitLoader;
  readonly #options: DataBunchOptions;
  #stats: ChannelStats | null;

  /** Opens loaders; the same as `databunch`, which says what it throws. */
  constructor(dataset: SegmentationDataset, options: DataBunchOptions) {
    const { batchSize = 8, validBatchSize = batchSize, stats = imagenetStats, workers, bad } = options;
    const { size, transforms = [flipLr({ p: 0.5 })], validTransforms = [], seed = 0, dropLast = true } = options;
    const { height, width } = targetSize(size, options.mult);
    this.dataset = dataset;
    this.path = options.path ?? dataset.root;
    this.size = [height, width];
    this.ignoreIndex = ignoredId(dataset.masks, dataset.classes.length);
    this.#options = options;
    this.#stats = stats && requireStats(stats);
    const read = {
      ...(dataset.masks ? { masks: dataset.masks } : {}),
      ...(dataset.convertMode ? { convertMode: dataset.convertMode } : {}),
    };
    const common = { seed, classes: dataset.classes.length, read, bad, ...(workers === undefined ? {} : { workers }) };
    const spec: SampleSpec = { ...applyOptionsOf(options), transforms: validTransforms, stats: this.stats };
    const inOrder = { ...common, spec, batchSize: validBatchSize };
    this.train = new SplitLoader(dataset.train, {
      ...common,
      batchSize,
      spec: { ...spec, transforms },
      shuffle: true,
      dropLast,
    });
    this.valid = new SplitLoader(dataset.valid, inOrder);
    this.fix = new SplitLoader(dataset.train, inOrder);
    this.single = new SplitLoader(dataset.valid, { ...inOrder, batchSize: 1, workers: 0 });
    if (dataset.test) this.test = new SplitLoader(dataset.test, inOrder);
  }

  /** Class names; the position is the id. */
  get classes(): readonly string[] {
    return this.dataset.classes;
  }

  /** The number of classes. */
  get c(): number {
    return this.dataset.classes.length;
  }

  /** The id of the class that stands for "not labelled", or null. */
  get voidIndex(): number | null {
    return this.dataset.voidIndex;
  }

  /** One colour per class. */
  get palette(): SegmentationDataset["palette"] {
    return this.dataset.palette;
  }

  /** What pictures are normalised with; mean 0 and deviation 1 while they are not. */
  get stats(): ChannelStats {
    return this.#stats ?? unitStats;
  }

  /** What a user should know about the data, one sentence each. */
  get notes(): readonly string[] {
    return this.dataset.notes;
  }

  /** The training pictures as they are stored. */
  get trainDs(): PictureList {
    return pictureList(this.dataset, this.dataset.train);
  }

  /** The validation pictures as they are stored. */
  get validDs(): PictureList {
    return pictureList(this.dataset, this.dataset.valid);
  }

  /** The same as `trainDs`: stored pictures have no random transforms. */
  get fixDs(): PictureList {
    return this.trainDs;
  }

  /** The test pictures as they are stored; none where none were added. */
  get testDs(): PictureList {
    return pictureList(this.dataset, this.dataset.test ?? []);
  }

  /**
   * The loader of a name. Throws a ConfigError where there is none.
   * @example for await (const batch of data.dl("valid").batches(0)) console.log(batch.n, batch.height, batch.width);
   */
  dl(dsType: DatasetType): SplitLoader {
    return loaderOf(this, dsType) as SplitLoader;
  }

  /**
   * Normalises pictures from now on: (value − mean) / std, per channel. Call it once and before the first batch.
   * @param stats such as `imagenetStats`.
   * @throws ConfigError when statistics are set already, batches were made, or there are not three channels.
   * @see fastai-spec §2.7
   * @example const bunch = data.normalize(imagenetStats);
   */
  normalize(stats: ChannelStats): this;
  /**
   * Normalises by the statistics of the first training batch; errors as above.
   * @example await data.normalize();
   */
  normalize(): Promise<this>;
  normalize(stats?: ChannelStats): this | Promise<this> {
    this.#requireUnnormalized();
    if (stats) return this.#setStats(requireStats(stats));
    return this.oneBatch("train").then((batch) => {
      this.#requireUnnormalized();
      return this.#setStats(requireStats(batchStats(batch)));
    });
  }

  /**
   * The first batch of a loader, by default the training one, made in the calling thread: images float32 [N, 3, H, W],
   * normalised, and class ids int32 [N, H, W]. Throws a ConfigError where there is no such loader, a DataError for a
   * picture or mask that cannot be read. (fastai-spec §2.6.)
   * @example const { images, masks, n, height, width } = await data.oneBatch("valid");
   */
  async oneBatch(dsType: DatasetType = "train"): Promise<Batch> {
    return this.dl(dsType).first();
  }

  /**
   * A square of pictures of the first batch under the colours of their masks, as PNG; `out` is written too. Throws a
   * ConfigError for rows that are none, a ResourceError when the file cannot be written. (fastai-spec §5.13.)
   * @example const png = await data.showBatch({ rows: 3, out: "batch.png" });
   */
  async showBatch(options: ShowBatchOptions = {}): Promise<Uint8Array> {
    return showBatch(this, await this.oneBatch(options.dsType), options);
  }

  /**
   * All that is needed to prepare pictures as these were, as plain data. (fastai-spec §2.8.)
   * @example const { classes, stats, options } = data.describe();
   */
  describe(): DataDescription {
    return describeData(this.dataset, this.#options, this.#stats);
  }

  /**
   * Writes `describe()` as JSON, which `parseDataDescription` reads. Throws a ResourceError when it cannot be written.
   * (fastai-spec §2.8.)
   * @example await data.export("data.json");
   */
  async export(file: string): Promise<void> {
    await writeBytes(file, new TextEncoder().encode(`${JSON.stringify(this.describe(), null, 2)}\n`));
  }

  /**
   * Ends the decoding threads.
   * @example await data.close();
   */
  async close(): Promise<void> {
    await Promise.all(this.#loaders().map((loader) => loader.close()));
  }

  #loaders(): SplitLoader[] {
    return [this.train, this.valid, this.fix, this.single, ...(this.test ? [this.test] : [])];
  }

  #requireUnnormalized(): void {
    if (this.#stats !== null)
      throw new ConfigError("normalize: the data are normalised already", {
        hint: "Call normalize once; databunch(dataset, …) normalises by itself unless its stats are null.",
      });
    for (const loader of this.#loaders()) loader.requireUnused();
  }

  #setStats(stats: ChannelStats): this {
    this.#stats = stats;
    for (const loader of this.#loaders()) loader.setStats(stats);
    return this;
  }
}

/** What of the options decides how a picture is resized. */
function applyOptionsOf(options: DataBunchOptions): Omit<SampleSpec, "transforms" | "stats"> {
  const { size, resizeMethod, paddingMode, mult, mode, padClass, tfmY } = options;
  const given = Object.entries({ resizeMethod, paddingMode, mult, mode, padClass, tfmY });
  return { size, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

function pictureList(
  { masks, convertMode = "RGB" }: SegmentationDataset,
  items: readonly (Item | Picture)[],
): PictureList {
  const get = async (i: number) => {
    const item = items[i];
    if (!item) throw new ConfigError(`data: expected a position from 0 to ${items.length - 1}, but received ${i}`);
    const image = await decodeImage(item.image, { convertMode });
    return { id: item.id, image, mask: item.mask === undefined ? null : await decodeMask(item.mask, { masks }) };
  };
  return { items, length: items.length, get };
}
