import { z } from "zod";
import { decodeImage } from "../../data/decode.node.ts";
import { writeMask, writeOverlay } from "../../data/encode.node.ts";
import { Predictor } from "../../inference/predictor.ts";
import { openRuntime } from "../../runtime/ort.node.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError, CorruptFileError, DataError, messageOf } from "../../util/errors.ts";
import { makeFolder } from "../../util/files.node.ts";
import { defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { type Prediction, predictionsFor } from "../predictions.ts";

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
    backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
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
    const runtime = await openRuntime({
      backend: options.backend,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      onFallback: (reason) => output.note(reason),
    });
    const predictor = new Predictor(runtime, card, state, options.tta ? { tta: {} } : {});
    const bar = output.bar();
    const skipped: string[] = [];
    try {
      for (const [i, prediction] of predictions.entries()) {
        signal.throwIfAborted();
        try {
          await writePrediction(predictor, prediction);
          output.event("prediction", { ...prediction });
        } catch (error) {
          if (!isFaultOfPicture(error)) throw error;
          skipped.push(prediction.image);
          output.note(`skipped: ${messageOf(error)}`);
          output.event("skipped", { image: prediction.image, message: messageOf(error) });
        }
        bar.update(i + 1, predictions.length, "predicting");
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

async function writePrediction(predictor: Predictor, { image, mask, overlay }: Prediction): Promise<void> {
  const picture = await decodeImage(image);
  const ids = await predictor.predict(picture);
  await writeMask(mask, ids, predictor.card.palette);
  await writeOverlay(overlay, picture, ids, predictor.card.palette);
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
