import { readImageHeader } from "../data/decode.node.ts";
import { maxPixels, type Size, sizeText } from "../data/image.ts";
import { PixelRows } from "../data/pixel-rows.node.ts";
import { largePictures } from "../data/picture-limits.ts";
import type { ClassNames, PredictionStrips } from "../inference/formats/format.ts";
import { type PredictionFormatName, predictionFormats } from "../inference/formats/index.node.ts";
import type { PredictedPicture } from "../inference/prediction-stream.ts";
import { DataError } from "../util/errors.ts";
import { type PictureTask, type PredictionWork, skip } from "./predict-files.ts";
import type { OpenModel } from "./predict-model.ts";
import { fileOf, partsFolder, type Prediction } from "./predictions.ts";

/** What predicting large pictures works with, and whom it tells. */
export interface LargeWork extends Omit<PredictionWork, "predictor" | "formats"> {
  /** Some more rows of a picture were predicted. */
  onRows(of: Prediction, done: number, all: number): void;
}

/** Bytes of a picture that are in memory at a time, about, while its files are written. */
const stripBytes = 2 ** 24;

/** Whether a picture is too large to be decoded into memory. What is no picture is not. */
export async function isLarge(file: string): Promise<boolean> {
  const header = await readImageHeader(file, { limits: largePictures }).catch(() => null);
  return header !== null && header.height * header.width > maxPixels;
}

/**
 * Predicts a picture of any size in bounded memory: decoded onto the disk, predicted in windows strip by strip, its mask
 * gathered on the disk, then its files written from there. One that cannot be read is skipped.
 */
export async function predictLarge(
  { prediction, missing }: PictureTask,
  predictRows: NonNullable<OpenModel["predictRows"]>,
  work: LargeWork,
): Promise<void> {
  let picture: PixelRows | undefined;
  let mask: PixelRows | undefined;
  try {
    const place = await work.folder.makeFolder(partsFolder);
    requireStrips(prediction, await readImageHeader(prediction.file, { limits: largePictures }), missing);
    picture = await PixelRows.ofPicture(prediction.file, place);
    mask = await PixelRows.forMask(picture, place);
    for await (const { top, height, data } of predictRows(picture.file)) {
      work.signal.throwIfAborted();
      await mask.write(top, data);
      work.onRows(prediction, top + height, picture.height);
    }
    work.onWritten(
      prediction,
      await writeFiles(prediction, missing, stripsOf(picture, mask, prediction, work.names), work),
    );
  } catch (error) {
    skip(prediction, error, work);
  } finally {
    await picture?.close();
    await mask?.close();
  }
}

function requireStrips({ file }: Prediction, size: Size, formats: readonly PredictionFormatName[]): void {
  const whole = formats.filter((format) => !predictionFormats[format].encodeStrips);
  if (whole.length === 0) return;
  const others = Object.entries(predictionFormats).flatMap(([name, { encodeStrips }]) => (encodeStrips ? [name] : []));
  throw new DataError(
    `image ${file} of ${sizeText(size)} is over 100 megapixels, too large for ${whole.join(", ")}, which need it whole`,
    { hint: `Of such pictures, write ${others.join(", ")}, or cut them into smaller ones.` },
  );
}

function stripsOf(picture: PixelRows, mask: PixelRows, { path }: Prediction, names: ClassNames): PredictionStrips {
  const { height, width } = picture;
  const most = Math.max(Math.floor(stripBytes / 4 / width), 1);
  const { classes, palette } = names;
  return {
    ...{ height, width, classes, palette, picture: path },
    async *strips(): AsyncGenerator<PredictedPicture, void, void> {
      for (let top = 0; top < height; top += most) {
        const size = { height: Math.min(most, height - top), width };
        const [pixels, ids] = await Promise.all([picture.read(top, size.height), mask.read(top, size.height)]);
        yield { image: { data: pixels, ...size }, mask: { data: ids, ...size } };
      }
    },
  };
}

async function writeFiles(
  { name }: Prediction,
  formats: readonly PredictionFormatName[],
  strips: PredictionStrips,
  { folder }: LargeWork,
): Promise<Partial<Record<PredictionFormatName, string>>> {
  const files: Partial<Record<PredictionFormatName, string>> = {};
  for (const format of formats)
    files[format] = await folder.writeChunks(fileOf(name, format), predictionFormats[format].encodeStrips!(strips));
  return files;
}
