import type { RgbImage, Size } from "../../data/image.ts";
import type { ShapedValues } from "../../runtime/open-file.ts";
import { ConfigError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";
import type { TtaOptions } from "../tta-views.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { looksAt, partOf, seenSize } from "./looks.ts";
import { type PixelPicture, rgbOf } from "./picture.ts";
import { segmented, segmentedIds } from "./segmented.ts";
import type { Segmentation } from "./segmentation.ts";
import { meanLogits, picturesIn, requireSameInput } from "./tensor.ts";
import {
  type MaskRows,
  type PictureSource,
  predictWhole,
  predictWindows,
  type RowsOptions,
  type WindowOptions,
} from "./windows.ts";

/** What is asked about pictures. */
export interface SegmentOptions {
  /** Whether the probabilities of all classes come with the ids; default false. */
  readonly probabilities?: boolean;
  /** How strong the classes' colours lie over the picture, 0 to 1; no overlay where left out. */
  readonly overlay?: number;
  /** What the network sees: pictures of the size it was trained at (default), of their own, or of another size. */
  readonly size?: "trained" | "original" | readonly [height: number, width: number];
  /** Test-time augmentation: each picture is seen several times, mapped back and averaged. Default: once. */
  readonly tta?: TtaOptions;
  /** Windows over the picture at its own resolution, for pictures that are much larger than those trained on. */
  readonly window?: WindowOptions;
}

/**
 * Predicts with exported files, whatever runs them. Of several files the probabilities are averaged; they must know the same
 * classes. It holds memory until it is released.
 */
export class FilePredictor {
  /** What the first file says of itself: names, colours, size. */
  readonly spec: ModelSpec;
  readonly #models: readonly LoadedModel[];

  /** @throws ConfigError for files of different classes, and for several of which one gives ids alone. */
  constructor(models: readonly [LoadedModel, ...LoadedModel[]]) {
    this.spec = models[0].spec;
    this.#models = models;
    const other = models.find(({ spec }) => spec.names.join("\n") !== this.spec.names.join("\n"));
    if (other)
      throw new ConfigError(
        `predict: expected models of the same classes, but one knows ${this.spec.names.join(", ")} and another ${other.spec.names.join(", ")}`,
      );
    if (models.length > 1) this.#requireLogits("several models are averaged");
  }

  /**
   * What runs it, such as "cpu, 2 threads" or "webgpu".
   * @example console.log(predictor.backend);
   */
  get backend(): string {
    return this.#models[0]!.backend;
  }

  /**
   * The class of every pixel of a picture, at its own size: logits are resized, then the best class is taken; with the
   * classes that are there, their shares and confidence. Throws a ShapeError for pixels that do not fit their size, a
   * ConfigError for options that do not suit the model or each other.
   * @example const { data: ids, classes } = await predictor.predict({ data: pixels, height: 360, width: 480 });
   */
  async predict(picture: PixelPicture, options: SegmentOptions = {}): Promise<Segmentation> {
    return (await this.predictBatch([picture], options))[0]!;
  }

  /**
   * Predicts several pictures at once, each at its own size; the network sees them as one batch, but for windows, which it sees
   * picture by picture. Errors as `predict`.
   * @example const [first, second] = await predictor.predictBatch([a, b]);
   */
  async predictBatch(pictures: readonly PixelPicture[], options: SegmentOptions = {}): Promise<Segmentation[]> {
    const images = pictures.map(rgbOf);
    const { window, size, tta, probabilities = false, overlay: alpha } = options;
    if (window) {
      this.#requireLogits("windows are blended");
      if (size !== undefined)
        throw new ConfigError("predict: windows go over a picture at its own resolution, so no size can be chosen", {
          hint: "Leave out size or window; the size of the windows is part of window.",
        });
      const rows = { ...window, ...(tta && { tta }) };
      return inTurn(images, (image) => predictWhole(this.#models, image, { window: rows, probabilities, alpha }));
    }
    if (size === "original" && images.length > 1)
      return inTurn(images, async (image) => (await this.#together([image], options))[0]!);
    return this.#together(images, options);
  }

  /**
   * Predicts a picture of any size in bounded memory: windows over its rows as they are read, finished rows from top to
   * bottom. Errors as `predict`.
   * @example for await (const { top, height, data } of predictor.predictRows(source)) console.log(top, height, data);
   */
  predictRows(source: PictureSource, options: RowsOptions = {}): AsyncGenerator<MaskRows, void, void> {
    this.#requireLogits("windows are blended");
    return predictWindows(this.#models, source, options);
  }

  /**
   * What `predict` tells, of values of the model's own input instead of pictures: float32 [N, 3, H, W], normalised, or uint8
   * where the file takes pixels. Gives N segmentations of H × W. Throws a ShapeError for other values, a ConfigError for
   * probabilities of a model that gives ids alone and for models whose inputs differ.
   * @example
   * const values = { data: new Float32Array(36_864), shape: [1, 3, 96, 128] };
   * for (const { data: ids, classes } of await predictor.predictTensor(values)) console.log(ids, classes);
   */
  async predictTensor(
    values: ShapedValues,
    options: Pick<SegmentOptions, "probabilities"> = {},
  ): Promise<Segmentation[]> {
    if (options.probabilities) this.#requireLogits("probabilities are told");
    const { n, ...size } = picturesIn(this.spec, values);
    const { data } = await this.run(values);
    return Array.from({ length: n }, (_, i) => {
      if (data instanceof Float32Array)
        return segmented(this.spec, [{ ...size, logits: partOf(data, i, n), flip: false, weight: 1 }], size, options);
      const pixels = data.length / n;
      return segmentedIds(this.spec, data.subarray(i * pixels, (i + 1) * pixels), size, size);
    });
  }

  /**
   * What the file itself gives for values of its own input: logits float32 [N, classes, H, W], or ids uint8 [N, H, W]. Of
   * several files, logits whose softmax is the mean of theirs. Errors as `predictTensor`.
   * @example const { data: logits } = await predictor.run({ data: new Float32Array(36_864), shape: [1, 3, 96, 128] });
   */
  async run(values: ShapedValues): Promise<ShapedValues> {
    picturesIn(this.spec, values);
    if (this.#models.length === 1) return this.#models[0]!.run(values);
    requireSameInput(this.#models);
    return meanLogits(await inTurn(this.#models, (model) => model.run(values)));
  }

  /**
   * Gives its memory back.
   * @example await predictor.release();
   */
  async release(): Promise<void> {
    for (const model of this.#models) await model.release();
  }

  async #together(images: readonly RgbImage[], options: SegmentOptions): Promise<Segmentation[]> {
    if (images.length === 0) return [];
    if (this.spec.output.kind === "ids") return this.#ids(images, options);
    const sizeOf = (spec: ModelSpec): Size => sizeFor(spec, images[0]!, options.size);
    const looks = await looksAt(this.#models, images, sizeOf, options.tta);
    return images.map((image, i) => segmented(this.spec, looks[i]!, image, options, image));
  }

  /** Of a file that gives ids alone: those of the nearest pixels. */
  async #ids(
    images: readonly RgbImage[],
    { size, probabilities, tta, overlay }: SegmentOptions,
  ): Promise<Segmentation[]> {
    if (probabilities || tta) this.#requireLogits(tta ? "views are averaged" : "probabilities are told");
    const model = this.#models[0]!;
    const seen = seenSize(model.spec, sizeFor(model.spec, images[0]!, size));
    const { data } = await model.see(images, seen);
    const pixels = seen.height * seen.width;
    return images.map((image, i) => {
      const ids = data.subarray(i * pixels, (i + 1) * pixels);
      return segmentedIds(this.spec, ids, seen, image, overlay, image);
    });
  }

  #requireLogits(why: string): void {
    if (this.#models.every(({ spec }) => spec.output.kind === "logits")) return;
    throw new ConfigError(`predict: ${why} from logits, but the model gives ids alone`, {
      hint: "Export it without --argmax.",
    });
  }
}

/** The size to which a picture is brought. */
function sizeFor({ resize }: ModelSpec, picture: Size, size: SegmentOptions["size"] = "trained"): Size {
  const [height, width] =
    size === "trained" ? resize.size : size === "original" ? [picture.height, picture.width] : size;
  return { height, width };
}

async function inTurn<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of list) results.push(await work(item));
  return results;
}
