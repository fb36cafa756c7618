import type { RgbImage } from "../data/image.ts";
import { type Outcome, workAhead } from "../util/ahead.ts";
import type { MaskPredictor, PredictedMask, PredictOptions } from "./predicted-mask.ts";

/** How a stream of pictures is predicted. */
export interface PredictionStreamOptions<T> extends PredictOptions {
  /** Reads the picture that an item stands for. */
  readonly read: (item: T) => Promise<RgbImage>;
  /** Pictures that are read or predicted at a time; default 3. Each is held in memory, with its mask. */
  readonly ahead?: number;
  /** Ends the stream between two pictures, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A picture with its mask. */
export interface PredictedPicture {
  /** The picture as it was read. */
  readonly image: RgbImage;
  /** Its mask. */
  readonly mask: PredictedMask;
}

/**
 * Predicts pictures in their order, the next ones being read and predicted while the caller writes the last: with a
 * predictor in a thread of its own (`openPredictor`), reading, computing and writing overlap. A picture that cannot be
 * read or predicted is an outcome with its error, and the others follow.
 * @example
 * const files = ["a.jpg", "b.jpg"];
 * for await (const outcome of predictionStream(predictor, files, { read: decodeImage }))
 *   if (outcome.ok) await writeMask(`${outcome.item}.png`, outcome.result.mask, predictor.card.palette);
 */
export async function* predictionStream<T>(
  predictor: Pick<MaskPredictor, "predict">,
  items: Iterable<T> | AsyncIterable<T>,
  { read, ahead = 3, signal, ...options }: PredictionStreamOptions<T>,
): AsyncGenerator<Outcome<T, PredictedPicture>, void, void> {
  const work = async (item: T): Promise<PredictedPicture> => {
    const image = await read(item);
    signal?.throwIfAborted();
    return { image, mask: await predictor.predict(image, options) };
  };
  for await (const outcome of workAhead(items, work, ahead)) {
    signal?.throwIfAborted();
    yield outcome;
  }
}
