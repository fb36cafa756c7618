import type { RgbImage, Size } from "../../data/image.ts";
import { ConfigError } from "../../util/errors.ts";
import { bestOf, SegmentationRows, type Segmentation } from "./segmentation.ts";
import type { ModelSpec } from "../model-spec.ts";
import type { TtaOptions } from "../tta-views.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { looksAt } from "./looks.ts";
import { eachRow, type Look } from "./scores.ts";

/** How a large picture is seen window by window, at its own resolution. */
export interface WindowOptions {
  /** Height and width of a window; default the size that the model was trained at. */
  readonly size?: readonly [height: number, width: number];
  /** How much of a window its neighbour sees too, from 0 up to below 1; default 0.5. */
  readonly overlap?: number;
  /** Windows that are computed at once; default 1. */
  readonly batch?: number;
}

/** How the rows of a large picture are predicted. */
export interface RowsOptions extends WindowOptions {
  /** Test-time augmentation: each window is seen several times. Default: once. */
  readonly tta?: TtaOptions;
}

/** A picture that is read in pieces: it need not be in memory. */
export interface PictureSource extends Size {
  /** The rows from `top` on, `height` of them, whole. Rows are asked for in order, some of them again. */
  rows(top: number, height: number): Promise<RgbImage>;
}

/** Finished rows of a large picture, from `top` on. */
export interface MaskRows extends Size {
  /** The row of the picture that the first of them is. */
  readonly top: number;
  /** Class ids, height · width of them. */
  readonly data: Uint8Array;
  /** Float32 [classes, height, width]. */
  readonly probabilities: Float32Array;
}

/** A picture that is in memory, as a source. */
export function sourceOf({ data, height, width }: RgbImage): PictureSource {
  const rows = async (top: number, n: number): Promise<RgbImage> => ({
    ...{ data: data.subarray(3 * top * width, 3 * (top + n) * width), height: n, width },
  });
  return { height, width, rows };
}

/**
 * Predicts a picture in windows that overlap, their probabilities averaged with weights that fall off from the middle of a
 * window like a Gaussian of an eighth of its size (Isensee et al. 2021, nnU-Net). Gives the rows from top to bottom as soon
 * as no window changes them any more: in memory are a strip of one window's height and its probabilities.
 */
export async function* predictWindows(
  models: readonly LoadedModel[],
  source: PictureSource,
  options: RowsOptions = {},
): AsyncGenerator<MaskRows, void, void> {
  const { spec } = models[0]!;
  const window = windowOf(source, spec.resize, options);
  const [tops, lefts] = [
    startsOf(source.height, window.height, options),
    startsOf(source.width, window.width, options),
  ];
  const weights = gaussian(window);
  const strip = new Strip(spec.names.length, window.height, source.width);
  for (const [i, top] of tops.entries()) {
    const picture = await source.rows(top, window.height);
    for (let from = 0; from < lefts.length; from += options.batch ?? 1) {
      const part = lefts.slice(from, from + (options.batch ?? 1));
      const pieces = part.map((left) => pieceOf(picture, left, window.width));
      const looks = await looksAt(models, pieces, () => window, options.tta);
      for (const [k, left] of part.entries()) strip.add(looks[k]!, { ...window, left }, weights);
    }
    const finished = (tops[i + 1] ?? source.height) - top;
    yield { top, ...strip.take(finished) };
  }
}

/** All windows of a picture as one segmentation. */
export async function predictWhole(
  models: readonly LoadedModel[],
  image: RgbImage,
  { window, probabilities, alpha }: { window: RowsOptions; probabilities: boolean; alpha: number | undefined },
): Promise<Segmentation> {
  const { spec } = models[0]!;
  const rows = new SegmentationRows(spec, image, probabilities);
  for await (const { top, height, width, probabilities: shares } of predictWindows(models, sourceOf(image), window))
    for (let y = 0; y < height; y++) rows.add(top + y, rowOf(shares, spec.names.length, y, { height, width }));
  return rows.result(image, alpha);
}

/** Probabilities, weighted and added up, of a strip over the whole width of a picture. */
class Strip {
  readonly #classes: number;
  readonly #height: number;
  readonly #width: number;
  readonly #sums: Float32Array;
  readonly #weights: Float32Array;

  constructor(classes: number, height: number, width: number) {
    [this.#classes, this.#height, this.#width] = [classes, height, width];
    this.#sums = new Float32Array(classes * height * width);
    this.#weights = new Float32Array(height * width);
  }

  /** Adds what the looks at a window see on average, weighted pixel by pixel. */
  add(looks: readonly Look[], window: Size & { readonly left: number }, weights: Float32Array): void {
    const { width, left } = window;
    const plane = this.#height * this.#width;
    const onRow = (y: number, shares: Float32Array): void => {
      const to = y * this.#width + left;
      for (let x = 0; x < width; x++) {
        const weight = weights[y * width + x]!;
        this.#weights[to + x]! += weight;
        for (let c = 0; c < this.#classes; c++) this.#sums[c * plane + to + x]! += weight * shares[c * width + x]!;
      }
    };
    eachRow(looks, this.#classes, window, onRow, true);
  }

  /** The first rows, finished; the others move up. */
  take(rows: number): Omit<MaskRows, "top"> {
    const [width, pixels, plane] = [this.#width, rows * this.#width, this.#height * this.#width];
    const probabilities = new Float32Array(this.#classes * pixels);
    for (let c = 0; c < this.#classes; c++) {
      const sums = this.#sums.subarray(c * plane, (c + 1) * plane);
      for (let i = 0; i < pixels; i++) probabilities[c * pixels + i] = sums[i]! / this.#weights[i]!;
      sums.copyWithin(0, pixels).fill(0, plane - pixels);
    }
    this.#weights.copyWithin(0, pixels).fill(0, plane - pixels);
    return { data: bestOf(probabilities, pixels), probabilities, height: rows, width };
  }
}

/** A window, not larger than the picture: what is smaller than the least size of the network is brought to it. */
function windowOf(picture: Size, { size, minimum }: ModelSpec["resize"], options: WindowOptions): Size {
  const [height, width] = options.size ?? size;
  if (!(Math.min(height, width) >= minimum))
    throw new ConfigError(
      `predict: expected windows of at least ${minimum}×${minimum}, but received ${height}×${width}`,
      { hint: "Choose windows of about the size that the model was trained at." },
    );
  return { height: Math.min(height, picture.height), width: Math.min(width, picture.width) };
}

/** Where windows begin along one side: evenly, the last one flush with the end. */
function startsOf(length: number, window: number, { overlap = 0.5 }: WindowOptions): number[] {
  if (!(overlap >= 0 && overlap < 1))
    throw new ConfigError(`predict: overlap: expected a share from 0 to below 1, but received ${overlap}`);
  const count = Math.ceil((length - window) / Math.max(window * (1 - overlap), 1)) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (length - window)) / (count - 1))));
}

function gaussian({ height, width }: Size): Float32Array {
  const along = (length: number): number[] =>
    Array.from({ length }, (_, i) => Math.exp(-0.5 * ((i - (length - 1) / 2) / (length / 8)) ** 2));
  const [rows, columns] = [along(height), along(width)];
  // Never so small that a corner which one window alone sees loses its digits.
  return Float32Array.from({ length: height * width }, (_, i) =>
    Math.max(rows[Math.floor(i / width)]! * columns[i % width]!, 1e-4),
  );
}

function pieceOf({ data, height, width: whole }: RgbImage, left: number, width: number): RgbImage {
  const piece = new Uint8Array(3 * height * width);
  for (let y = 0; y < height; y++)
    piece.set(data.subarray(3 * (y * whole + left), 3 * (y * whole + left + width)), 3 * y * width);
  return { data: piece, height, width };
}

function rowOf(shares: Float32Array, classes: number, y: number, { height, width }: Size): Float32Array {
  const row = new Float32Array(classes * width);
  for (let c = 0; c < classes; c++)
    row.set(shares.subarray((c * height + y) * width, (c * height + y + 1) * width), c * width);
  return row;
}
