import type { RgbImage, Size } from "../../data/image.ts";
import type { Palette } from "../../data/palette.ts";
import { type Region, regionsOf } from "../../data/regions.ts";
import type { PredictedPicture } from "../prediction-stream.ts";

/** What a model calls its classes, and the colours it shows them in. */
export interface ClassNames {
  /** Names by class id. */
  readonly classes: readonly string[];
  /** Colours by class id. */
  readonly palette: Palette;
}

/** A predicted picture, and what its files say of it. */
export interface Prediction extends PredictedPicture, ClassNames {
  /** What files call the picture: its path, with forward slashes, such as `street/1.jpg`. */
  readonly picture: string;
  /** The regions of its mask, found when first asked for. */
  readonly regions: () => readonly Region[];
}

/** A predicted picture that is not in memory, and what its files say of it. */
export interface PredictionStrips extends ClassNames, Size {
  /** What files call the picture. */
  readonly picture: string;
  /** The picture and its mask, some rows at a time from top to bottom; each call begins anew. */
  readonly strips: () => AsyncIterable<PredictedPicture>;
}

/** Contents of a file. */
export type Contents = string | Uint8Array;

/** One of the files that predictions are written to. */
export interface PredictionFormat {
  /** What the file is, in a few words. */
  readonly title: string;
  /** What the name of a picture's file ends with, extension included. */
  readonly suffix: string;
  /** Whether the probabilities of all classes are needed. */
  readonly probabilities?: true;
  /** A picture's file. */
  encode(prediction: Prediction): Contents | Promise<Contents>;
  /** The same file, made from top to bottom, for pictures larger than memory. Formats without it need pictures whole. */
  readonly encodeStrips?: (prediction: PredictionStrips) => AsyncIterable<Contents>;
  /** Where all pictures share a file: how it is put together from theirs. */
  readonly document?: PredictionDocument;
  /** What a video gets in place of a file a frame: a video of these pictures, of the frames' size. */
  readonly frame?: (prediction: Prediction) => RgbImage;
}

/** A file about all pictures. */
export interface PredictionDocument {
  /** Its name. */
  readonly file: string;
  /** Its text, from what `encode` gave for every picture; `parts` may be read several times. */
  chunks(parts: () => AsyncIterable<string>, names: ClassNames): AsyncIterable<string>;
}

/**
 * A predicted picture, ready for its files.
 * @example const text = predictionFormats.geojson.encode(predictionOf({ image, mask }, "photo.jpg", predictor.card));
 */
export function predictionOf(
  { image, mask }: PredictedPicture,
  picture: string,
  { classes, palette }: ClassNames,
): Prediction {
  let regions: readonly Region[] | undefined;
  return { image, mask, picture, classes, palette, regions: () => (regions ??= regionsOf(mask)) };
}
