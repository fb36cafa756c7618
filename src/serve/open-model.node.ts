import { stat } from "node:fs/promises";
import { openFilePredictor } from "../inference/file/predictor-thread.node.ts";
import { openPredictor, type PredictorThreadOptions } from "../inference/predictor-thread.node.ts";
import { readWeights } from "../inference/weights.node.ts";
import { RunFolder, type WeightsName } from "../train/run-folder.node.ts";
import { ConfigError } from "../util/errors.ts";
import type { OpenModel } from "./served-model.ts";

/** How a model is opened. */
export interface ModelOptions extends PredictorThreadOptions {
  /** Which weights of a run folder; default the best. */
  readonly weights?: WeightsName;
}

const hint = "Give a run folder, a .safetensors file of one, or an .onnx file that segkit export wrote.";

/**
 * What opens the model at a path: a run folder, a weights file of one, or an exported file. It is read each time it is
 * opened.
 * @throws ConfigError where there is no model of a kind that is known.
 */
export async function modelOpener(path: string, options: ModelOptions = {}): Promise<OpenModel> {
  const { weights = "best", ...predictor } = options;
  const found = await stat(path).catch(() => null);
  if (!found) throw new ConfigError(`serve: ${path} does not exist`, { hint });
  if (found.isDirectory()) return weightsOpener(() => new RunFolder(path).readWeights(weights), predictor);
  if (/\.safetensors$/i.test(path)) return weightsOpener(() => readWeights(path), predictor);
  if (/\.onnx$/i.test(path)) return fileOpener(path, predictor);
  throw new ConfigError(`serve: ${path} is no model of a known kind`, { hint });
}

function weightsOpener(read: () => ReturnType<typeof readWeights>, options: PredictorThreadOptions): OpenModel {
  return async () => {
    const { card, state } = await read();
    const predictor = await openPredictor(card, state, options);
    return {
      ...{ classes: card.classes, palette: card.palette, size: card.size },
      predict: (image) => predictor.predict(image),
      release: () => predictor.release(),
    };
  };
}

function fileOpener(file: string, { backend = "auto", threads, tta }: PredictorThreadOptions): OpenModel {
  return async () => {
    const predictor = await openFilePredictor([file], { backend, ...(threads !== undefined && { threads }) });
    const { names, colors, resize } = predictor.spec;
    return {
      ...{ classes: names, palette: colors, size: resize.size },
      predict: (image) => predictor.predict(image, tta ? { tta } : {}),
      release: () => predictor.release(),
    };
  };
}
