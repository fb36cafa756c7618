import path from "node:path";
import { CorruptFileError, DataError, SegkitError } from "../util/errors.ts";
import { countSizes, oddStretch, type SizeCount, stretch } from "./check/sizes.ts";
import type { BadPictures } from "./bad-pictures.ts";
import { forEachLimited } from "./concurrent.ts";
import type { Picture, SegmentationDataset } from "./dataset.ts";
import { decodeImage, decodeStoredMask, readImageHeader, readMaskHeader } from "./decode.node.ts";
import { sameSize, sizeText } from "./image.ts";
import type { RgbImage, Size } from "./image.ts";
import { divisor, maskTable } from "./mask-options.ts";
import type { MaskOptions } from "./mask-options.ts";
import { explainValues, histogramOf, mapHistogram, valuesIn } from "./mask-values.ts";

export interface CheckOptions {
  /** Height and width the pictures will be resized to. */
  readonly size?: readonly [height: number, width: number];
  /** Whether the validation list may be empty, as `splitNone` leaves it; false where left out. */
  readonly withoutValidation?: boolean;
  /** Where given, pictures with a fault are left out, as far as it takes them, instead of an error; those in it are passed over. */
  readonly bad?: BadPictures | undefined;
  /** Told the files done so far and their number, 0 … total. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DatasetReport {
  /** What is allowed but worth a look, one sentence each. */
  readonly warnings: readonly string[];
  /** Pixels of every class in the training masks. */
  readonly classPixels: readonly number[];
  /** The sizes that occur, how many images have each and one of them, the most frequent first. */
  readonly sizes: readonly SizeCount[];
}

/** Files in work at a time: enough to keep all cores busy, few enough for 100-megapixel pictures. */
const parallel = 6;

/**
 * Reads every image and mask once, so that nothing wrong with them ends a training later: first the headers (kind and
 * size), then all pixels (damage, values beyond the classes).
 * @throws DataError for the first file with the gravest fault, with the number of files that share it and a remedy.
 * @example const { warnings, classPixels } = await checkDataset(dataset, { size: [360, 480] });
 */
export async function checkDataset(dataset: SegmentationDataset, options: CheckOptions = {}): Promise<DatasetReport> {
  const check = new DatasetCheck(dataset, options);
  if (dataset.train.length === 0 || (dataset.valid.length === 0 && !options.withoutValidation))
    throw emptyList(dataset);
  await check.headers();
  await check.pixels();
  return check.report(options.size);
}

const lists = ["train", "valid", "test"] as const;

interface Entry {
  readonly split: (typeof lists)[number];
  readonly item: Picture;
  /** Paths as messages give them: below the dataset's folder, with forward slashes. */
  readonly image: string;
  readonly mask: string;
}

/** Faults of one kind: where they are and the error of each. */
class Faults {
  readonly #errors = new Map<number, SegkitError>();

  add(index: number, error: unknown): void {
    if (!(error instanceof SegkitError)) throw error;
    this.#errors.set(index, error);
  }

  /** Leaves the pictures out, where they may be and are not too many; else throws the first fault, if there is one. */
  settle(entries: readonly Entry[], bad: BadPictures | undefined, hint?: () => string): void {
    if (!bad || bad.list.length + this.#errors.size > bad.most) return this.#throwFirst(entries, bad, hint);
    for (const [i, { message }] of this.#errors) bad.add({ id: entries[i]!.item.id, reason: message });
  }

  #throwFirst(entries: readonly Entry[], bad: BadPictures | undefined, hint?: () => string): void {
    const [first, ...others] = [...this.#errors.keys()].toSorted((a, b) => a - b);
    if (first === undefined) return;
    const error = this.#errors.get(first)!;
    const more = others.length === 0 ? "" : ` (and ${others.length} more with the same fault)`;
    const remedy = hint === undefined ? error.hint : hint();
    const found = bad && bad.list.length > 0 ? `, and ${bad.list.length} are bad already` : "";
    const most = bad ? `; at most ${bad.most} may be left out${found}` : "";
    const Kind = error instanceof CorruptFileError ? CorruptFileError : DataError;
    throw new Kind(`${entries[first]!.split}: ${error.message}${more}${most}`, {
      ...(remedy === undefined ? {} : { hint: remedy }),
      cause: error,
    });
  }
}

class DatasetCheck {
  readonly #classes: number;
  readonly #names: readonly string[];
  readonly #voidIndex: number | null;
  readonly #masks: MaskOptions | undefined;
  readonly #table: Uint8Array | null;
  readonly #entries: readonly Entry[];
  readonly #bad: BadPictures | undefined;
  readonly #onProgress: (done: number, total: number) => void;
  readonly #sizes: Size[] = [];
  readonly #rotated: number[] = [];
  readonly #doubtful: number[] = [];
  readonly #jpeg: number[] = [];
  readonly #rounded: number[] = [];
  /** The values of masks with some beyond the classes, by entry. */
  readonly #outside: (readonly number[])[] = [];
  readonly #training = new Float64Array(256);
  #done = 0;

  constructor(dataset: SegmentationDataset, { onProgress = () => {}, bad }: CheckOptions) {
    const short = (file: string) => path.relative(dataset.root, file).replaceAll(path.sep, "/");
    this.#classes = dataset.classes.length;
    this.#names = dataset.classes;
    this.#voidIndex = dataset.voidIndex;
    this.#masks = dataset.masks;
    this.#table = maskTable(dataset.masks);
    this.#onProgress = onProgress;
    this.#bad = bad;
    this.#entries = lists.flatMap((split) =>
      (dataset[split] ?? []).map((item) => ({ split, item, image: short(item.image), mask: short(item.mask ?? "") })),
    );
  }

  /** Kind and size of every file. */
  async headers(): Promise<void> {
    const images = new Faults();
    const masks = new Faults();
    const sizes = new Faults();
    await this.#forEach(async ({ item, image, mask }, i) => {
      const header = await readImageHeader(item.image, { name: image }).catch((error: unknown) => images.add(i, error));
      const maskSize =
        item.mask !== undefined &&
        (await readMaskHeader(item.mask, { name: mask, masks: this.#masks }).catch((error: unknown) =>
          masks.add(i, error),
        ));
      if (maskSize && maskSize.jpeg) this.#jpeg.push(i);
      if (header) {
        this.#sizes[i] = header;
        if (header.orientation !== 1) this.#rotated.push(i);
      }
      if (header && maskSize && !sameSize(header, maskSize)) {
        sizes.add(i, wrongSize(mask, maskSize, image, header));
      }
    });
    for (const faults of [images, masks, sizes]) faults.settle(this.#entries, this.#bad);
  }

  /** Every pixel of every file. */
  async pixels(): Promise<void> {
    const images = new Faults();
    const masks = new Faults();
    const values = new Faults();
    await this.#forEach(async ({ split, item, image, mask }, i) => {
      const decoding = this.#decodeStrictly(item.image, image, i).catch((error: unknown) => images.add(i, error));
      const decoded =
        item.mask !== undefined &&
        (await decodeStoredMask(item.mask, { name: mask, masks: this.#masks }).catch((error: unknown) =>
          masks.add(i, error),
        ));
      await decoding;
      if (!decoded) return;
      const stored = histogramOf(decoded.data);
      if (this.#masks && stored.some((count, value) => count > 0 && value % divisor(this.#masks!) !== 0))
        this.#rounded.push(i);
      const histogram = mapHistogram(stored, this.#table);
      if (split === "train") addTo(this.#training, histogram);
      if (this.#masks?.ignoreIndex !== undefined) histogram[this.#masks.ignoreIndex] = 0;
      const held = valuesIn(histogram);
      const largest = held.at(-1) ?? 0;
      if (largest < this.#classes) return;
      this.#outside[i] = held;
      values.add(i, this.#wrongValue(mask, largest));
    });
    for (const faults of [images, masks]) faults.settle(this.#entries, this.#bad);
    const explained = (): string => explainValues(Object.values(this.#outside), this.#classes, this.#voidIndex);
    values.settle(this.#entries, this.#bad, explained);
  }

  report(size: CheckOptions["size"]): DatasetReport {
    const sized = this.#entries.flatMap(({ image }, i) => (this.#sizes[i] ? [{ image, size: this.#sizes[i] }] : []));
    const sizes = countSizes(
      sized.map((each) => each.size),
      sized.map((each) => each.image),
    );
    const classPixels = Array.from(this.#training.subarray(0, this.#classes));
    const unseen = this.#names.filter((_, id) => classPixels[id] === 0);
    const warnings = [
      this.#listed("images turned by an EXIF tag, which is ignored (masks have none)", this.#rotated),
      this.#listed("images that decode, but with complaints", this.#doubtful),
      this.#listed("masks that are JPEG, which changes values (PNG keeps them), of images", this.#jpeg),
      this.#listed("masks with values that div does not divide, which are rounded, of images", this.#rounded),
      unseen.length === 0 ? "" : `classes without a pixel in the training masks: ${unseen.join(", ")}`,
      size === undefined ? "" : sizeWarning(sizes, { height: size[0], width: size[1] }),
    ];
    return { warnings: warnings.filter((warning) => warning !== ""), classPixels, sizes };
  }

  async #forEach(work: (entry: Entry, i: number) => Promise<void>): Promise<void> {
    const total = 2 * this.#entries.length;
    await forEachLimited(this.#entries.length, parallel, async (i) => {
      if (!this.#bad?.has(this.#entries[i]!.item.id)) await work(this.#entries[i]!, i);
      this.#onProgress(++this.#done, total);
    });
  }

  /** Also notes pictures that are forgiven in training. */
  async #decodeStrictly(file: string, name: string, i: number): Promise<RgbImage> {
    try {
      return await decodeImage(file, { name, failOn: "warning" });
    } catch {
      const image = await decodeImage(file, { name });
      this.#doubtful.push(i);
      return image;
    }
  }

  #wrongValue(mask: string, value: number): DataError {
    const last = this.#classes - 1;
    return new DataError(`mask ${mask} holds value ${value}, but there are ${this.#classes} classes (0–${last})`);
  }

  #listed(what: string, indices: readonly number[]): string {
    if (indices.length === 0) return "";
    return `${what}: ${indices.length}, such as ${this.#entries[Math.min(...indices)]!.image}`;
  }
}

function emptyList({ train }: SegmentationDataset): DataError {
  const which = train.length === 0 ? "training" : "validation";
  return new DataError(`data: the ${which} list is empty`, {
    hint: "Name some of the images, but not all, in valid.txt, or delete it for a random split.",
  });
}

function wrongSize(mask: string, maskSize: Size, image: string, imageSize: Size): DataError {
  return new DataError(`mask ${mask} is ${sizeText(maskSize)}, but its image ${image} is ${sizeText(imageSize)}`, {
    hint: "Make the mask from the image at its full size; ids cannot be resized smoothly.",
  });
}

function sizeWarning(sizes: readonly Size[], to: Size): string {
  const small = sizes.find((size) => size.height < to.height || size.width < to.width);
  if (small !== undefined)
    return `images smaller than the training size ${sizeText(to)} are enlarged, such as ${sizeText(small)}`;
  const odd = sizes.find((size) => stretch(size, to) > oddStretch);
  return odd === undefined
    ? ""
    : `images of ${sizeText(odd)} are squeezed into ${sizeText(to)}, which changes their proportions`;
}

function addTo(sum: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
