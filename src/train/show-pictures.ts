import type { DataBunch } from "../data/databunch.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import type { Palette } from "../data/palette.ts";
import { denormalize } from "../data/transforms/normalize.ts";
import { maskOf, type PredictionBatch } from "./predictions.ts";

/** A picture as it is shown, with what is known of it. */
export interface Shown {
  readonly id: string;
  readonly image: RgbImage;
  readonly prediction: IdMask;
  readonly truth: IdMask | null;
  readonly loss: number | null;
}

/** One picture of a batch, which must hold the images. */
export function shownPicture(batch: PredictionBatch, i: number, { stats }: Pick<DataBunch, "stats">): Shown {
  const { height, width, images, predictions, truth, losses } = batch;
  const pixels = height * width;
  const planes = images!.subarray(3 * i * pixels, 3 * (i + 1) * pixels);
  return {
    id: batch.ids[i]!,
    image: denormalize(planes, { height, width }, stats),
    prediction: maskOf(batch, predictions, i),
    truth: truth && maskOf(batch, truth, i),
    loss: losses?.[i] ?? null,
  };
}

/** A colour for every id a mask can hold: those beyond the classes, which do not count, are black. */
export function everyColour(palette: Palette): Palette {
  return Array.from({ length: 256 }, (_, id) => palette[id] ?? [0, 0, 0]);
}
