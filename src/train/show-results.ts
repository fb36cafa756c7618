import { errorMap, overlay } from "../data/overlay.ts";
import { pictureGrid } from "../plots/picture-grid.ts";
import type { Theme } from "../plots/theme.ts";
import { ConfigError } from "../util/errors.ts";
import type { Inferring } from "./inferring.ts";
import { predictBatches, type PredictionsOptions } from "./predictions.ts";
import { savePlot } from "./save-plot.ts";
import { everyColour, type Shown, shownPicture } from "./show-pictures.ts";

export interface ShowResultsOptions extends Pick<PredictionsOptions, "dsType" | "loader" | "tta" | "signal"> {
  /** How many pictures; default 5. */
  readonly rows?: number;
  /** Where to write it, as .png or .svg. */
  readonly out?: string;
  /** How strong the colours of the masks are: 0 shows the picture, 1 only the mask. Default 0.5. */
  readonly alpha?: number;
  readonly theme?: Theme;
}

/**
 * Draws the first pictures of a list in a row each: the picture, the true and the predicted mask laid over it, every
 * class always in the same colour, which a legend names, and the mistakes in red, where void does not count (fastai's
 * `show_results` with more to see). Pictures without masks stand beside their prediction alone. Returns the SVG.
 * @throws ConfigError for rows that are none and for an `out` of another extension.
 */
export async function showResults(learner: Inferring, options: ShowResultsOptions = {}): Promise<string> {
  const { rows = 5, out, alpha, theme = "light", ...predictions } = options;
  if (!Number.isInteger(rows) || rows < 1)
    throw new ConfigError(`showResults: rows: expected a whole number of at least 1, but received ${rows}`);
  return savePlot(learner.host, out, async () => {
    const { classes, palette, voidIndex } = learner.data;
    const shown = await firstPictures(learner, rows, predictions);
    const colours = everyColour(palette);
    const unknown = (id: number): boolean => id === voidIndex || id >= classes.length;
    const labelled = shown.every(({ truth }) => truth !== null);
    const cells = shown.map(({ image, truth, prediction }) => {
      const predicted = overlay(image, prediction, colours, alpha);
      if (!truth || !labelled) return [image, predicted];
      return [image, overlay(image, truth, colours, alpha), predicted, errorMap(image, truth, prediction, unknown)];
    });
    return pictureGrid(cells, {
      captions: labelled ? ["Picture", "Ground truth", "Prediction", "Mistakes"] : ["Picture", "Prediction"],
      notes: shown.map(({ id }) => id),
      legend: { classes, palette },
      theme,
    });
  });
}

async function firstPictures(learner: Inferring, rows: number, options: PredictionsOptions): Promise<Shown[]> {
  const shown: Shown[] = [];
  for await (const batch of predictBatches(learner, { ...options, withImages: true }))
    for (let i = 0; i < batch.n; i++) {
      shown.push(shownPicture(batch, i, learner.data));
      if (shown.length === rows) return shown;
    }
  return shown;
}
