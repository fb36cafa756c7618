import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { loadPredictor } from "../inference/file/load-predictor.node.ts";
import type { ClassNames } from "../inference/formats/format.ts";
import type { MaskPredictor } from "../inference/predicted-mask.ts";
import { openPredictor, type PredictorThreadOptions } from "../inference/predictor-thread.node.ts";
import { readModelSpec } from "../inference/read-spec.ts";
import { RunFolder, type WeightsName } from "../train/run-folder.node.ts";
import { ConfigError, messageOf } from "../util/errors.ts";
import { sha256Of } from "../util/file-check.node.ts";
import { namingFile } from "../util/naming-file.ts";

/** What opens a model. */
export type OpenOptions = Omit<PredictorThreadOptions, "optimizations">;

/** A model as predicting uses it, whatever file it comes from. */
export interface PredictModel {
  /** What it is, in words. */
  readonly text: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  readonly names: ClassNames;
  open(options: OpenOptions): Promise<Pick<MaskPredictor, "predict" | "release">>;
}

/**
 * The model at a path: a run folder, with the weights of a name, or a file that `segkit export` wrote. Throws a ConfigError
 * where there is none, a CorruptFileError where it is damaged.
 */
export async function predictModel(path: string, weights: WeightsName): Promise<PredictModel> {
  return /\.onnx$/i.test(path) ? exportedModel(path) : trainedModel(new RunFolder(path), weights);
}

async function trainedModel(run: RunFolder, weights: WeightsName): Promise<PredictModel> {
  const { card, state } = await run.readWeights(weights);
  return {
    text: `the ${weights} weights of ${run.path}`,
    sha256: await sha256Of(run.weightsFile(weights)),
    names: card,
    open: (options) => openPredictor(card, state, options),
  };
}

async function exportedModel(file: string): Promise<PredictModel> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ConfigError(`${file}: cannot be read: ${messageOf(error)}`, {
      hint: "Give a run folder, or a file that segkit export wrote.",
      cause: error,
    });
  });
  const spec = namingFile(file, () => readModelSpec(bytes));
  return {
    text: file,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    names: { classes: spec.names, palette: spec.colors },
    async open({ backend = "auto", threads, tta }) {
      const predictor = await loadPredictor(bytes, { backend, ...(threads !== undefined && { threads }) });
      return {
        predict: (image, { withProbabilities = false } = {}) =>
          predictor.predict(image, { probabilities: withProbabilities, ...(tta && { tta }) }),
        release: () => predictor.release(),
      };
    },
  };
}
