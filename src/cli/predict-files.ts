import { z } from "zod";
import { decodeImage } from "../data/decode.node.ts";
import type { RgbImage } from "../data/image.ts";
import { framesOf, openVideo, VideoWriter } from "../data/video.node.ts";
import { type ClassNames, type Prediction as Predicted, predictionOf } from "../inference/formats/format.ts";
import { type PredictionFormatName, predictionFormats } from "../inference/formats/index.node.ts";
import type { MaskPredictor } from "../inference/predicted-mask.ts";
import { predictionStream } from "../inference/prediction-stream.ts";
import { CorruptFileError, DataError } from "../util/errors.ts";
import type { PredictionFolder } from "./prediction-folder.ts";
import { fileOf, frameName, framesFileOf, type Prediction, videoFileOf } from "./predictions.ts";
import { parseJson } from "../util/parse-json.ts";

/** Paths of files by their format. */
export type WrittenFiles = Partial<Record<PredictionFormatName, string>>;

/** What predicting works with, and whom it tells. */
export interface PredictionWork {
  readonly predictor: Pick<MaskPredictor, "predict">;
  readonly folder: PredictionFolder;
  readonly formats: readonly PredictionFormatName[];
  readonly names: ClassNames;
  readonly signal: AbortSignal;
  /** A picture's files were written, or those of a frame of a video. */
  onWritten(of: Prediction, files: WrittenFiles, frame?: VideoFrame): void;
  /** A picture or video could not be read. */
  onSkipped(of: Prediction, error: unknown): void;
}

/** A frame of a video, counted from 0, of about so many. */
export interface VideoFrame {
  readonly index: number;
  readonly count: number | null;
}

/** A picture, and the formats that it has no finished file of. */
export interface PictureTask {
  readonly prediction: Prediction;
  readonly missing: readonly PredictionFormatName[];
}

/** Predicts pictures; those that cannot be read are skipped. */
export async function predictPictures(tasks: readonly PictureTask[], work: PredictionWork): Promise<void> {
  const read = ({ prediction }: PictureTask): Promise<RgbImage> => decodeImage(prediction.file);
  for await (const outcome of predictionStream(work.predictor, tasks, { read, ...streamOptions(work) })) {
    const { prediction, missing } = outcome.item;
    if (outcome.ok) {
      const predicted = predictionOf(outcome.result, prediction.path, work.names);
      work.onWritten(prediction, await writeFiles(prediction.name, missing, predicted, work));
    } else skip(prediction, outcome.error, work);
  }
}

/** Predicts every frame of a video that has files missing; one that cannot be read, or not to its end, is skipped. */
export async function predictVideo(prediction: Prediction, work: PredictionWork): Promise<void> {
  const { folder, formats } = work;
  const writers = new Map<PredictionFormatName, VideoWriter>();
  try {
    const video = await openVideo(prediction.file);
    for (const format of formats) {
      const file = videoFileOf(prediction.name, format);
      if (predictionFormats[format].frame && !(await folder.has(file)))
        writers.set(format, new VideoWriter(await folder.placeOf(file), video));
    }
    let count = 0;
    const frames = async function* () {
      for await (const image of framesOf(video)) {
        const name = frameName(prediction.name, count);
        const index = count++;
        const missing = await folder.missing(name, framewise(formats));
        if (missing.length > 0 || writers.size > 0) yield { image, name, index, missing };
      }
    };
    const read = async ({ image }: { readonly image: RgbImage }): Promise<RgbImage> => image;
    for await (const outcome of predictionStream(work.predictor, frames(), { read, ...streamOptions(work) })) {
      if (!outcome.ok) throw outcome.error;
      const { name, missing, index } = outcome.item;
      const predicted = predictionOf(outcome.result, name, work.names);
      const files = await writeFiles(name, missing, predicted, work);
      for (const [format, writer] of writers) await writer.write(predictionFormats[format].frame!(predicted));
      work.onWritten(prediction, files, { index, count: video.frames });
    }
    for (const writer of writers.values()) await writer.finish();
    await folder.write(framesFileOf(prediction.name), `${JSON.stringify({ frames: count })}\n`);
  } catch (error) {
    for (const writer of writers.values()) await writer.abandon();
    skip(prediction, error, work);
  }
}

const framesSchema = z.object({ frames: z.int().min(0) });

/** The number in the file that `framesFileOf` names; null where it is damaged. */
function framesIn(text: string): number | null {
  try {
    return framesSchema.parse(parseJson(text)).frames;
  } catch {
    return null;
  }
}

/** Whether an earlier call finished everything of a video. */
export async function isFinished(
  { name }: Prediction,
  formats: readonly PredictionFormatName[],
  folder: PredictionFolder,
): Promise<boolean> {
  if (!(await folder.has(framesFileOf(name)))) return false;
  const frames = framesIn((await folder.read(framesFileOf(name))) ?? "");
  if (frames === null) return false;
  for (const format of formats)
    if (predictionFormats[format].frame && !(await folder.has(videoFileOf(name, format)))) return false;
  for (let i = 0; i < frames; i++)
    if ((await folder.missing(frameName(name, i), framewise(formats))).length > 0) return false;
  return true;
}

/** The formats with a file for every frame of a video. */
function framewise(formats: readonly PredictionFormatName[]): PredictionFormatName[] {
  return formats.filter((format) => !predictionFormats[format].frame);
}

function streamOptions({ formats, signal }: PredictionWork) {
  return { signal, withProbabilities: formats.some((format) => predictionFormats[format].probabilities) };
}

async function writeFiles(
  name: string,
  formats: readonly PredictionFormatName[],
  predicted: Predicted,
  { folder }: PredictionWork,
): Promise<WrittenFiles> {
  const written = formats.map(async (format) => {
    const path = await folder.write(fileOf(name, format), await predictionFormats[format].encode(predicted));
    return [format, path] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

/** Tells of a picture or video that cannot be read; throws what is wrong with anything else. */
export function skip(prediction: Prediction, error: unknown, work: Pick<PredictionWork, "onSkipped">): void {
  if (!(error instanceof DataError || error instanceof CorruptFileError)) throw error;
  work.onSkipped(prediction, error);
}
