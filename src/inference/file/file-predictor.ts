import type { RgbImage, Size } from "../../data/image.ts";
import type { ShapedValues } from "../../runtime/open-file.ts";
import { ConfigError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";
import { type TtaOptions, viewsOf } from "../tta-views.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { mirrored, type PixelPicture, rgbOf } from "./picture.ts";
import { eachRow, type Look, softmaxInPlace } from "./scores.ts";
import { bestOf, type Segmentation, SegmentationRows } from "./segmentation.ts";
import { type MaskRows, type PictureSource, predictWhole, predictWindows, type WindowOptions } from "./windows.ts";

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
   * ConfigError for options that do not suit the model.
   * @example const { data: ids, classes } = await predictor.predict({ data: pixels, height: 360, width: 480 });
   */
  async predict(picture: PixelPicture, options: SegmentOptions = {}): Promise<Segmentation> {
    return (await this.predictBatch([picture], options))[0]!;
  }

  /**
   * Predicts several pictures at once, each at its own size; the network sees them as one batch. Errors as `predict`.
   * @example const [first, second] = await predictor.predictBatch([a, b]);
   */
  async predictBatch(pictures: readonly PixelPicture[], options: SegmentOptions = {}): Promise<Segmentation[]> {
    const images = pictures.map(rgbOf);
    const { window, probabilities = false, overlay: alpha } = options;
    if (window) {
      this.#requireLogits("windows are blended");
      return inTurn(images, (image) => predictWhole(this.#models, image, { window, probabilities, alpha }));
    }
    if (options.size === "original" && images.length > 1)
      return inTurn(images, async (image) => (await this.#together([image], options))[0]!);
    return this.#together(images, options);
  }

  /**
   * Predicts a picture of any size in bounded memory: windows over its rows as they are read, finished rows from top to
   * bottom. Errors as `predict`.
   * @example for await (const { top, height, data } of predictor.predictRows(source)) console.log(top, height, data);
   */
  predictRows(source: PictureSource, options: WindowOptions = {}): AsyncGenerator<MaskRows, void, void> {
    this.#requireLogits("windows are blended");
    return predictWindows(this.#models, source, options);
  }

  /**
   * What the (first) file itself gives for values of its own input, such as float32 [N, 3, H, W], normalised.
   * @example const { data: logits } = await predictor.run({ data: new Float32Array(36_864), shape: [1, 3, 96, 128] });
   */
  async run(values: ShapedValues): Promise<ShapedValues> {
    return this.#models[0]!.run(values);
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
    const { probabilities = false, overlay: alpha } = options;
    const looks = await this.#looks(images, options);
    return images.map((image, i) => {
      const rows = new SegmentationRows(this.spec, image, probabilities);
      const classes = this.spec.names.length;
      eachRow(looks[i]!, classes, image, (y, scores) => {
        const ids = bestOf(scores, image.width);
        if (looks[i]!.length === 1) softmaxInPlace(scores, classes, image.width);
        rows.add(y, scores, ids);
      });
      return rows.result(image, alpha);
    });
  }

  /** Every model's every view of each picture. */
  async #looks(images: readonly RgbImage[], { size, tta }: SegmentOptions): Promise<Look[][]> {
    const views = tta ? viewsOf(tta) : [{ flip: false, scale: 1, weight: 1 }];
    const looks: Look[][] = images.map(() => []);
    for (const model of this.#models)
      for (const { flip, scale, weight } of views) {
        const seen = sizeFor(model.spec, images[0]!, size, scale);
        const { data } = await model.see(flip ? images.map(mirrored) : images, seen);
        const [logits, each] = [data as Float32Array, data.length / images.length];
        for (const [i, list] of looks.entries())
          list.push({
            ...{ logits: logits.subarray(i * each, (i + 1) * each), ...seen, flip },
            weight: weight / this.#models.length,
          });
      }
    return looks;
  }

  /** Of a file that gives ids alone: those of the nearest pixels. */
  async #ids(
    images: readonly RgbImage[],
    { size, probabilities, tta, overlay: alpha }: SegmentOptions,
  ): Promise<Segmentation[]> {
    if (probabilities || tta) this.#requireLogits(tta ? "views are averaged" : "probabilities are told");
    const model = this.#models[0]!;
    const seen = sizeFor(model.spec, images[0]!, size, 1);
    const { data } = await model.see(images, seen);
    const pixels = seen.height * seen.width;
    return images.map((image, i) => {
      const rows = new SegmentationRows(this.spec, image, false);
      const none = new Float32Array(this.spec.names.length * image.width);
      for (let y = 0; y < image.height; y++) {
        const from = i * pixels + nearest(y, seen.height, image.height) * seen.width;
        const ids = Uint8Array.from(
          { length: image.width },
          (_, x) => data[from + nearest(x, seen.width, image.width)]!,
        );
        rows.add(y, none, ids);
      }
      return rows.result(image, alpha, false);
    });
  }

  #requireLogits(why: string): void {
    if (this.#models.every(({ spec }) => spec.output.kind === "logits")) return;
    throw new ConfigError(`predict: ${why} from logits, but the model gives ids alone`, {
      hint: "Export it without --argmax.",
    });
  }
}

/** The size at which a network sees a picture; not below the least it takes. */
function sizeFor({ resize }: ModelSpec, picture: Size, size: SegmentOptions["size"] = "trained", scale: number): Size {
  const [height, width] =
    size === "trained" ? resize.size : size === "original" ? [picture.height, picture.width] : size;
  const scaled = (length: number): number => Math.max(Math.round(length * scale), resize.minimum);
  return { height: scaled(height), width: scaled(width) };
}

/** The place nearest to `at` of `to` places among `from`, corners on corners. */
function nearest(at: number, from: number, to: number): number {
  return to === 1 ? 0 : Math.round((at * (from - 1)) / (to - 1));
}

async function inTurn<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of list) results.push(await work(item));
  return results;
}
