import { type BatchLoader, loaderOf } from "../data/databunch.ts";
import { errorMap, overlay } from "../data/overlay.ts";
import type { TtaOptions } from "../inference/tta.ts";
import { Calibration } from "../metrics/calibration.ts";
import type { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { calibrationPlot } from "../plots/calibration.ts";
import { classBarsPlot } from "../plots/class-bars.ts";
import { confusionPlot, type ConfusionPlotOptions } from "../plots/confusion.ts";
import { pictureGrid } from "../plots/picture-grid.ts";
import type { PlotOptions } from "../plots/theme.ts";
import { ConfigError } from "../util/errors.ts";
import { type ClassResult, classResults, classTable } from "./class-table.ts";
import { accuracyOf, ConfusionSums, type PictureScore, rowShares } from "./confusion-sums.ts";
import type { Inferring } from "./inferring.ts";
import { maskOf, predictBatches, type PredictionsOptions } from "./predictions.ts";
import { savePlot } from "./save-plot.ts";
import { everyColour, type Shown, shownPicture } from "./show-pictures.ts";

/** Which pictures are looked at, and how. */
export interface InterpretOptions extends Pick<PredictionsOptions, "dsType" | "loader" | "tta" | "signal" | "nBatch"> {
  /** Told of each batch: how many of how many are done. */
  readonly onBatch?: (done: number, total: number) => void;
}

/** Pixels of one class that were predicted as another. */
export interface Confused {
  readonly truth: string;
  readonly predicted: string;
  readonly pixels: number;
  /** Share of the true class's pixels. */
  readonly share: number;
}

export interface TopLossesPlotOptions extends PlotOptions {
  /** How many pictures; default 4. */
  readonly k?: number;
  /** The highest losses (default) or the lowest. */
  readonly largest?: boolean;
  /** How strong the colours of the masks are, 0–1; default 0.5. */
  readonly alpha?: number;
}

/** What a list was predicted from, to predict single pictures of it again. */
export interface Interpreted {
  readonly learner: Inferring;
  readonly loader: BatchLoader;
  readonly tta: TtaOptions | undefined;
}

/** What was found in the pictures. */
export interface Findings {
  readonly pictures: readonly PictureScore[];
  readonly pooled: ConfusionMatrix;
  readonly mean: readonly (readonly number[])[];
  readonly calibration: Calibration;
}

/**
 * Explains what a model gets wrong on a labelled list: which pictures, which classes (fastai's
 * SegmentationInterpretation).
 */
export class SegmentationInterpretation {
  /** Every picture of the list, in order. */
  readonly pictures: readonly PictureScore[];
  /** Class names; the position is the id. */
  readonly classes: readonly string[];
  /** Pixels of all pictures, by true class (row) and predicted class (column). */
  readonly confusion: ConfusionMatrix;
  /**
   * The mean over pictures of how each true class was predicted, [true][predicted]; pictures without a class do not
   * count for its row, and it is NaN if none has it. A rare class's picture weighs as much as a common one's (fastai's
   * `_generate_confusion`).
   */
  readonly meanConfusion: readonly (readonly number[])[];
  /** How far the model's confidence can be believed, all pictures together. */
  readonly calibration: Calibration;
  readonly #source: Interpreted;

  /** What was found in a list; `fromLearner` and `learner.interpret()` make it for you. */
  constructor(source: Interpreted, { pictures, pooled, mean, calibration }: Findings) {
    this.#source = source;
    this.classes = source.learner.data.classes;
    this.pictures = pictures;
    this.confusion = pooled;
    this.meanConfusion = mean;
    this.calibration = calibration;
  }

  /**
   * Predicts a labelled list once and keeps what explains the result: the loss of each picture and the classes'
   * confusion, not the masks. (fastai-spec §5.13.)
   * @throws ConfigError for pictures without masks, or no pictures.
   * @example const interp = await SegmentationInterpretation.fromLearner(learner, { dsType: "valid" });
   */
  static async fromLearner(learner: Inferring, options: InterpretOptions = {}): Promise<SegmentationInterpretation> {
    const { dsType = "valid", onBatch, ...wanted } = options;
    const { classes, voidIndex } = learner.data;
    const loader = wanted.loader ?? loaderOf(learner.data, dsType);
    const total = Math.min(loader.length, wanted.nBatch ?? Infinity);
    const sums = new ConfusionSums(classes.length);
    const calibration = new Calibration({ classes: classes.length, voidIndex });
    const pictures: PictureScore[] = [];
    let done = 0;
    for await (const batch of predictBatches(learner, { ...wanted, loader, withLoss: true, withConfidences: true })) {
      calibration.add(batch.confidences!, batch.predictions, batch.truth!);
      for (const [i, id] of batch.ids.entries()) {
        const own = sums.add(maskOf(batch, batch.predictions, i).data, maskOf(batch, batch.truth!, i).data);
        const accuracy = accuracyOf(own, voidIndex);
        pictures.push({ index: pictures.length, id, loss: batch.losses![i]!, accuracy });
      }
      onBatch?.(++done, total);
    }
    if (pictures.length === 0) throw new ConfigError("interpret: there are no pictures to interpret");
    const found = { pictures, pooled: sums.pooled, mean: sums.mean(), calibration };
    return new SegmentationInterpretation({ learner, loader, tta: wanted.tta }, found);
  }

  /**
   * The pictures by their loss: the k highest, or with `largest` false the lowest. All of them where k is left out.
   * (fastai-spec §5.13.)
   * @example for (const { id, loss, accuracy } of interp.topLosses(5)) console.log(id, loss, accuracy);
   */
  topLosses(k: number = this.pictures.length, largest = true): PictureScore[] {
    const order = largest ? 1 : -1;
    return this.pictures.toSorted((a, b) => order * (b.loss - a.loss) || a.index - b.index).slice(0, k);
  }

  /**
   * How the pixels of each true class were predicted, all pictures together: shares, [true][predicted]; NaN without
   * pixels.
   * @example const roadAsSidewalk = interp.confusionShares()[3]![4]!;
   */
  confusionShares(): number[][] {
    return rowShares(this.confusion);
  }

  /**
   * The pairs of classes that were confused, most pixels first; only those with at least `minPixels` (default 1).
   * @example
   * const [worst] = interp.mostConfused(1000); // { truth: "Sign", predicted: "Pole", pixels: 5210, share: 0.31 }
   */
  mostConfused(minPixels = 1): Confused[] {
    const shares = this.confusionShares();
    return this.classes
      .flatMap((truth, t) =>
        this.classes.map((predicted, p) => ({
          ...{ t, p, truth, predicted },
          ...{ pixels: this.confusion.at(t, p), share: shares[t]![p]! },
        })),
      )
      .filter(({ t, p, pixels }) => t !== p && pixels >= Math.max(minPixels, 1))
      .toSorted((a, b) => b.pixels - a.pixels || a.t - b.t || a.p - b.p)
      .map(({ truth, predicted, pixels, share }) => ({ truth, predicted, pixels, share }));
  }

  /**
   * IoU, Dice, precision, recall and share of the pixels, each in [0, 1], of every class; null where there is nothing
   * to divide by. Void does not count.
   * @example const weak = interp.perClass().filter(({ iou }) => iou !== null && iou < 0.2);
   */
  perClass(): ClassResult[] {
    return classResults(this.confusion, this.classes, this.#source.learner.data.voidIndex);
  }

  /**
   * The numbers of `perClass` as a table of text.
   * @example console.log(interp.perClassTable());
   */
  perClassTable(): string {
    return classTable(this.perClass());
  }

  /**
   * Draws the confusion matrix as a heat map; returns the SVG, and writes it where a file (.svg or .png) is named. With
   * `mean`, the shares are the mean over pictures as in fastai; otherwise those of all pixels together. All plots throw
   * a ConfigError for a file of another extension or a learner without a place for files, a ResourceError when it
   * cannot be written.
   * @example await interp.plotConfusionMatrix("confusion.png", { mean: true });
   */
  plotConfusionMatrix(
    file?: string,
    options: ConfusionPlotOptions & { readonly mean?: boolean } = {},
  ): Promise<string> {
    const { mean = false, ...rest } = options;
    const shares = mean ? this.meanConfusion : this.confusionShares();
    return savePlot(this.#source.learner.host, file, () => confusionPlot(shares, this.classes, rest));
  }

  /**
   * Draws a score of every class as bars, default the IoU; returns the SVG, and writes it where a file (.svg or .png)
   * is named. Errors as `plotConfusionMatrix`.
   * @example await interp.plotPerClass("classes.png", { score: "recall" });
   */
  plotPerClass(
    file?: string,
    { score = "iou", ...rest }: PlotOptions & { readonly score?: "iou" | "dice" | "precision" | "recall" } = {},
  ): Promise<string> {
    const { palette } = this.#source.learner.data;
    const scores = this.perClass().map((result, id) => ({
      ...{ name: result.name, score: result[score] },
      ...(palette[id] && { colour: palette[id] }),
    }));
    const title = { iou: "IoU", dice: "Dice", precision: "Precision", recall: "Recall" }[score];
    return savePlot(this.#source.learner.host, file, () => classBarsPlot(scores, { ...rest, title }));
  }

  /**
   * Draws how far the model's confidence can be believed, as a reliability diagram; returns the SVG, and writes it where
   * a file (.svg or .png) is named. Errors as `plotConfusionMatrix`.
   * @example await interp.plotCalibration("calibration.png");
   */
  plotCalibration(file?: string, options: PlotOptions = {}): Promise<string> {
    return savePlot(this.#source.learner.host, file, () => calibrationPlot(this.calibration, options));
  }

  /**
   * Draws the pictures with the highest losses: picture, truth, prediction, and where it is wrong. They are read and
   * predicted again. Returns the SVG, and writes it where a file (.svg or .png) is named. Throws a ConfigError for a k
   * that is no whole number of at least 1. (fastai-spec §5.13.)
   * @example await interp.plotTopLosses("worst.png", { k: 6 });
   */
  plotTopLosses(file?: string, options: TopLossesPlotOptions = {}): Promise<string> {
    const { k = 4, largest = true, alpha, theme = "light" } = options;
    const { learner } = this.#source;
    const { classes, palette, voidIndex } = learner.data;
    const colours = everyColour(palette);
    const unknown = (id: number): boolean => id === voidIndex || id >= classes.length;
    if (!Number.isInteger(k) || k < 1)
      throw new ConfigError(`plotTopLosses: k: expected a whole number of at least 1, but received ${k}`);
    return savePlot(learner.host, file, async () => {
      const top = this.topLosses(k, largest);
      const rows = [];
      for (const { index } of top) {
        const { image, prediction, truth } = await this.picture(index);
        const masks = [truth!, prediction].map((mask) => overlay(image, mask, colours, alpha));
        rows.push([image, ...masks, errorMap(image, truth!, prediction, unknown)]);
      }
      return pictureGrid(rows, {
        captions: ["Picture", "Ground truth", "Prediction", "Mistakes"],
        notes: top.map(({ id, loss, accuracy }) => `${id} · loss ${loss.toFixed(4)} · accuracy ${percent(accuracy)}`),
        legend: { classes, palette },
        theme,
      });
    });
  }

  /**
   * One picture of the list with its masks, read and predicted again. Throws a ConfigError for an index of none.
   * @example const { image, prediction, truth } = await interp.picture(interp.topLosses(1)[0]!.index);
   */
  async picture(index: number): Promise<Shown> {
    const { learner, loader, tta } = this.#source;
    if (!this.pictures[index])
      throw new ConfigError(`picture: expected an index from 0 to ${this.pictures.length - 1}, but received ${index}`);
    const [from, i] = [Math.floor(index / loader.batchSize), index % loader.batchSize];
    const wanted = { loader, from, nBatch: 1, withLoss: true, withImages: true, ...(tta && { tta }) };
    for await (const batch of predictBatches(learner, wanted)) return shownPicture(batch, i, learner.data);
    throw new Error(`internal: the list has no batch ${from} any more`);
  }
}

function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${(share * 100).toFixed(1)} %`;
}
