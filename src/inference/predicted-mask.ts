import type { TensorData } from "../graph/dtype.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import { prepareImage } from "../data/transforms/sample.ts";
import type { ModelCard } from "./card.ts";

/** Height and width. */
export type MaskSize = readonly [height: number, width: number];

/** What `predict` gives. */
export interface PredictOptions {
  /** "original" (default): the picture's own size; "transformed": the size the network sees it at, as in fastai. */
  readonly size?: "original" | "transformed";
  /** Whether the probabilities of all classes come with it; default false. */
  readonly withProbabilities?: boolean;
}

/** A predicted mask. */
export interface PredictedMask extends IdMask {
  /** Softmax over the classes, [classes, height, width], where asked for. */
  readonly probabilities?: Float32Array;
}

/** What predicts masks: a model in this thread, or in one of its own. */
export interface MaskPredictor {
  /** What the weights say of themselves: encoder, classes, size, statistics. */
  readonly card: ModelCard;
  /** The class of every pixel of a picture, uint8 ids [height, width]. */
  predict(image: RgbImage, options?: PredictOptions): Promise<PredictedMask>;
  /** Gives its memory back. */
  release(): Promise<void>;
}

/** What the network is asked about a picture. */
export interface PixelsAsked {
  /** The picture as the network sees it, float32 [3, h, w] in the size of its card, normalised. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** The size of the mask. */
  readonly wanted: MaskSize;
  readonly probabilities: boolean;
}

/** A picture made ready for the network. */
export function asked({ size, stats }: ModelCard, image: RgbImage, options: PredictOptions): PixelsAsked {
  const wanted: MaskSize = options.size === "transformed" ? size : [image.height, image.width];
  const pixels = prepareImage(image, { size, stats }) as Float32Array<ArrayBuffer>;
  return { pixels, wanted, probabilities: options.withProbabilities ?? false };
}

/** What a run of a prediction program gave, as a mask. */
export function predictedMask(outputs: Readonly<Record<string, TensorData>>, [height, width]: MaskSize): PredictedMask {
  const { predictions, probabilities } = outputs;
  const mask = { data: predictions as Uint8Array, height, width };
  return probabilities ? { ...mask, probabilities: probabilities as Float32Array } : mask;
}
