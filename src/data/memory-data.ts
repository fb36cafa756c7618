import { ConfigError, DataError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import { type Batch, emptyBatch } from "./batch.ts";
import type { BatchLoader, DataBunch } from "./databunch.ts";
import { type BatchOrder, batchesOf, epochOrder } from "./epoch-order.ts";
import { reaches } from "./id-check.ts";
import { type IdMask, type RgbImage, sameSize, sizeText } from "./image.ts";
import { paletteFor, type Palette } from "./palette.ts";
import { flipLr } from "./transforms/builders.ts";
import { checkSampleSpec } from "./transforms/check.ts";
import { type ChannelStats, imagenetStats } from "./transforms/normalize.ts";
import { ResizePlans } from "./transforms/render.ts";
import { type SampleSpec, writeSample } from "./transforms/sample.ts";
import type { TransformSpec } from "./transforms/table.ts";

/** A picture and its mask, of one size. */
export interface LabelledImage {
  readonly image: RgbImage;
  readonly mask: IdMask;
}

/** Pictures in memory, split into those to train on and those to validate on. */
export interface MemoryDataset {
  /** Class names; the position is the id. */
  readonly classes: readonly string[];
  /** The id of the class that stands for "not labelled"; default null, none. */
  readonly voidIndex?: number | null;
  /** One colour per class; default one that tells them apart. */
  readonly palette?: Palette;
  readonly train: readonly LabelledImage[];
  readonly valid: readonly LabelledImage[];
}

/** How pictures in memory become batches. */
export interface MemoryDataOptions {
  /** Height and width that pictures are squeezed to, in pixels. */
  readonly size: readonly [height: number, width: number];
  /** Pictures of a batch; default 8. */
  readonly batchSize?: number;
  /** Random transforms of the training pictures; default: a horizontal flip of every second one. */
  readonly transforms?: readonly TransformSpec[];
  /** Mean and standard deviation of the channels; default ImageNet's. */
  readonly stats?: ChannelStats;
  /** Decides the order of the pictures and the random transforms; default 0. */
  readonly seed?: number;
}

/**
 * Loaders over pictures in memory, which a page has drawn or decoded: the same orders, transforms and batches as
 * `databunch` makes of files, in the calling thread. Throws a ConfigError for options that are none and for fewer
 * training pictures than a batch; the loaders throw a DataError for a mask that does not fit its picture or classes.
 * @example
 * const scenes = [0, 1, 2, 3].map((i) => drawStreet(new Random(1).split(i), { height: 48, width: 64 }));
 * const pairs = scenes.map(({ height, width, image, mask }) => ({
 *   image: { height, width, data: image },
 *   mask: { height, width, data: mask },
 * }));
 * const data = memoryData({ classes: streetsClasses, train: pairs, valid: pairs }, { size: [48, 64], batchSize: 2 });
 */
export function memoryData(dataset: MemoryDataset, options: MemoryDataOptions): DataBunch {
  const { classes, voidIndex = null, palette = paletteFor(classes, voidIndex) } = dataset;
  const { size, batchSize = 8, transforms = [flipLr({ p: 0.5 })], stats = imagenetStats, seed = 0 } = options;
  const spec: SampleSpec = { size, transforms: [], stats };
  const common = { classes: classes.length, batchSize, seed };
  const train = { ...common, spec: { ...spec, transforms }, shuffle: true, dropLast: true };
  return {
    ...{ classes, voidIndex, palette, size, stats },
    train: new MemoryLoader(dataset.train, train),
    valid: new MemoryLoader(dataset.valid, { ...common, spec, shuffle: false, dropLast: false }),
    close: async () => {},
  };
}

interface MemoryLoaderOptions extends Omit<BatchOrder, "samples"> {
  readonly spec: SampleSpec;
  readonly classes: number;
}

class MemoryLoader implements BatchLoader {
  readonly batchSize: number;
  readonly length: number;
  readonly #pairs: readonly LabelledImage[];
  readonly #options: MemoryLoaderOptions;
  readonly #order: BatchOrder;
  readonly #plans = new ResizePlans();

  constructor(pairs: readonly LabelledImage[], options: MemoryLoaderOptions) {
    const { batchSize, spec } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new ConfigError(`memoryData: expected a batch size of at least 1, but received ${batchSize}`);
    checkSampleSpec(spec);
    this.#pairs = pairs;
    this.#options = options;
    this.#order = { ...options, samples: pairs.length };
    this.batchSize = batchSize;
    this.length = batchesOf(this.#order);
    if (this.length === 0 && options.dropLast)
      throw new ConfigError(`memoryData: ${pairs.length} pictures do not fill one batch of ${batchSize}`, {
        hint: "Take a smaller batch size, or more pictures.",
      });
  }

  async *batches(
    epoch: number,
    { from = 0, signal }: { readonly from?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Batch, void, void> {
    for (const indices of epochOrder(this.#order, epoch).slice(from)) {
      signal?.throwIfAborted();
      yield this.#batch(epoch, indices);
    }
  }

  #batch(epoch: number, indices: readonly number[]): Batch {
    const { spec, seed, classes } = this.#options;
    const [height, width] = spec.size as MemoryDataOptions["size"];
    const batch = emptyBatch(indices.map(String), height, width);
    const pixels = height * width;
    for (const [i, index] of indices.entries()) {
      const { image, mask } = this.#pairs[index]!;
      requireFit(image, mask, classes, index);
      const target = { images: batch.images, imageOffset: 3 * i * pixels, masks: batch.masks, maskOffset: i * pixels };
      writeSample(target, image, mask, spec, new Random(seed).split("sample", epoch, index), this.#plans);
    }
    return batch;
  }
}

function requireFit(image: RgbImage, mask: IdMask, classes: number, index: number): void {
  if (!sameSize(image, mask))
    throw new DataError(`memoryData: mask ${index} is ${sizeText(mask)}, but its picture is ${sizeText(image)}`);
  if (reaches(mask.data, classes)) {
    const found = mask.data.find((id) => id >= classes);
    throw new DataError(
      `memoryData: mask ${index} holds value ${found}, but there are ${classes} classes (0–${classes - 1})`,
    );
  }
}
