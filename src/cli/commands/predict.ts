import { z } from "zod";
import { decodeImage } from "../../data/decode.node.ts";
import { writeMask, writeOverlay } from "../../data/encode.node.ts";
import type { RgbImage } from "../../data/image.ts";
import type { Palette } from "../../data/palette.ts";
import { type PredictedPicture, predictionStream } from "../../inference/prediction-stream.ts";
import { openPredictor } from "../../inference/predictor-thread.node.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError, CorruptFileError, DataError, messageOf } from "../../util/errors.ts";
import { makeFolder } from "../../util/files.node.ts";
import { defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { type Prediction, predictionsFor } from "../predictions.ts";
import { RateBar } from "../rate-bar.ts";

export const predict = defineCommand({
  name: "predict",
  summary: "write masks and overlays for pictures",
  usage: "RUN FILE|FOLDER … --out DIR",
  options: z.object({
    out: fields.text("DIR").optional().describe("folder for the masks (NAME.png) and overlays (NAME_overlay.png)"),
    weights: fields.word(["best", "last"]).default("best").describe("which weights of the run"),
    tta: z
      .boolean()
      .default(false)
      .describe("average over mirrored and larger views of each picture; 6 times the work"),
    threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
    backend: fields.backend(),
  }),
  async run({ options, positionals, output, signal }) {
    const [path, ...sources] = positionals;
    if (path === undefined || sources.length === 0 || options.out === undefined)
      throw new ConfigError("predict: expected a run folder, pictures and --out DIR", {
        hint: "Write segkit predict RUN FILE|FOLDER --out DIR.",
      });
    const { state, card } = await new RunFolder(path).readWeights(options.weights);
    const predictions = await predictionsFor(sources, options.out);
    await makeFolder(options.out);
    const predictor = await openPredictor(card, state, {
      backend: options.backend,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.tta ? { tta: {} } : {}),
      onFallback: (reason) => output.note(reason),
    });
    const bar = output.bar();
    const rate = new RateBar(bar);
    const skipped: string[] = [];
    let done = 0;
    try {
      const read = ({ image }: Prediction): Promise<RgbImage> => decodeImage(image);
      for await (const outcome of predictionStream(predictor, predictions, { read, signal })) {
        const prediction = outcome.item;
        if (outcome.ok) {
          await writePrediction(prediction, outcome.result, card.palette);
          output.event("prediction", { ...prediction });
        } else {
          if (!isFaultOfPicture(outcome.error)) throw outcome.error;
          skipped.push(prediction.image);
          output.note(`skipped: ${messageOf(outcome.error)}`);
          output.event("skipped", { image: prediction.image, message: messageOf(outcome.error) });
        }
        rate.update("predicting", ++done, predictions.length);
      }
    } finally {
      bar.clear();
      await predictor.release();
    }
    const written = predictions.length - skipped.length;
    output.line(`${written} ${written === 1 ? "mask" : "masks"} with overlays in ${options.out}`);
    output.event("end", { out: options.out, written, skipped });
    if (skipped.length > 0) throw unreadable(skipped, predictions.length);
  },
});

async function writePrediction(
  { mask, overlay }: Prediction,
  { image, mask: ids }: PredictedPicture,
  palette: Palette,
): Promise<void> {
  await Promise.all([writeMask(mask, ids, palette), writeOverlay(overlay, image, ids, palette)]);
}

function isFaultOfPicture(error: unknown): boolean {
  return error instanceof DataError || error instanceof CorruptFileError;
}

function unreadable(skipped: readonly string[], all: number): DataError {
  const names = skipped.length > 3 ? [...skipped.slice(0, 3), "…"] : skipped;
  return new DataError(`predict: ${skipped.length} of ${all} pictures could not be read: ${names.join(", ")}`, {
    hint: skipped.length < all ? "The masks of the others were written." : "Give pictures such as JPEG or PNG files.",
  });
}
