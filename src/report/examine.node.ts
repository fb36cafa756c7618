import type { SegmentationDataset } from "../data/dataset.ts";
import { decodeImage, decodeMask } from "../data/decode.node.ts";
import { accCamvid, pixelAccuracy } from "../metrics/accuracy.ts";
import { meanIou, meanIouWithVoid } from "../metrics/overlap.ts";
import { classResults } from "../train/class-table.ts";
import type { PictureScore } from "../train/confusion-sums.ts";
import type { Learner } from "../train/learner.ts";
import { everyColour } from "../train/show-pictures.ts";
import { type Chosen, choosePictures } from "./choose-pictures.ts";
import { countBalance } from "./count-classes.node.ts";
import type { Examined, ShownPrediction } from "./run-report.ts";
import { drawPrediction } from "./shown-prediction.node.ts";

/** What is shown, and who is told. */
export interface ExamineOptions {
  /** Told what is under way, and how much of it is done. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Which pictures are shown; default the best, the middle and the worst. */
  readonly choose?: (pictures: readonly PictureScore[]) => readonly Chosen[];
}

/** Pairs of confused classes that are named. */
const pairs = 10;

/**
 * Predicts the validation pictures and says what came out: scores, confusion, calibration, and a few pictures at their
 * own size.
 * @param dataset what the learner's validation batches are made of.
 * @throws the signal's reason; what reading the files throws.
 */
export async function examine(
  learner: Learner,
  dataset: SegmentationDataset,
  { onProgress, signal, choose = (pictures) => choosePictures(pictures) }: ExamineOptions = {},
): Promise<Examined> {
  const told = (what: string) => (done: number, total: number) => onProgress?.(what, done, total);
  const start = performance.now();
  const found = await learner.interpret({ ...(signal && { signal }), onBatch: told("predicting") });
  const seconds = (performance.now() - start) / 1000;
  const { voidIndex, classes } = dataset;
  const { confusion, pictures, calibration } = found;
  return {
    loss: pictures.reduce((sum, { loss }) => sum + loss, 0) / pictures.length,
    metrics: Object.fromEntries(
      [accCamvid, meanIou, meanIouWithVoid, pixelAccuracy].map((metric) => [
        metric.title,
        metric.compute(confusion, { voidIndex }),
      ]),
    ),
    pictures,
    withoutVoid: found.perClass(),
    withVoid: classResults(confusion, classes, null),
    confusion: found.confusionShares(),
    mostConfused: found.mostConfused().slice(0, pairs),
    calibration: { bins: calibration.bins, error: calibration.error },
    balance: await countBalance(dataset, { ...(signal && { signal }), onProgress: told("counting classes") }),
    shown: await drawAll(learner, dataset, choose(pictures), { signal, onProgress: told("drawing pictures") }),
    seconds,
  };
}

async function drawAll(
  learner: Learner,
  { valid, classes, palette, voidIndex, masks, convertMode = "RGB" }: SegmentationDataset,
  chosen: readonly Chosen[],
  { signal, onProgress }: { signal: AbortSignal | undefined; onProgress: (done: number, total: number) => void },
): Promise<ShownPrediction[]> {
  const options = {
    palette: everyColour(palette),
    unknown: (id: number): boolean => id === voidIndex || id >= classes.length,
  };
  const shown: ShownPrediction[] = [];
  for (const { rank, score } of chosen) {
    signal?.throwIfAborted();
    const item = valid.find(({ id }) => id === score.id)!;
    const [image, truth] = [await decodeImage(item.image, { convertMode }), await decodeMask(item.mask, { masks })];
    shown.push({ ...score, rank, ...(await drawPrediction(image, truth, await learner.predict(image), options)) });
    onProgress(shown.length, chosen.length);
  }
  return shown;
}
