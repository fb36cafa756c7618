import type { PixelRowsFile } from "../data/pixel-rows.node.ts";
import { exportTrained } from "../export/export-onnx.node.ts";
import type { LoadOptions } from "../inference/file/load-predictor.node.ts";
import { openFilePredictor } from "../inference/file/predictor-thread.node.ts";
import type { IdRows } from "../inference/file/predictor-protocol.node.ts";
import type { WindowOptions } from "../inference/file/windows.ts";
import type { ClassNames } from "../inference/formats/format.ts";
import type { MaskPredictor } from "../inference/predicted-mask.ts";
import { openPredictor, type PredictorThreadOptions } from "../inference/predictor-thread.node.ts";
import { readModelSpec } from "../inference/read-spec.ts";
import { RunFolder, type WeightsName } from "../train/run-folder.node.ts";
import { sha256Of } from "../util/file-check.node.ts";
import { namingFile } from "../util/naming-file.ts";
import { readModelFile } from "../util/read-bounded.node.ts";

/** How a model is opened. */
export interface OpenOptions extends Omit<PredictorThreadOptions, "optimizations"> {
  /** Windows over each picture at its own resolution; none where left out. */
  readonly window?: WindowOptions;
}

/** What predicts. */
export interface OpenModel extends Pick<MaskPredictor, "predict" | "release"> {
  /** The rows of a picture of any size, from top to bottom; there with windows. */
  readonly predictRows?: (picture: PixelRowsFile) => AsyncGenerator<IdRows, void, void>;
}

/** A model as predicting uses it, whatever file it comes from. */
export interface PredictModel {
  /** What it is, in words. */
  readonly text: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  readonly names: ClassNames;
  open(options: OpenOptions): Promise<OpenModel>;
}

/** A model, and the exported file that it is, or becomes for what only such files do. */
interface Part extends Omit<PredictModel, "open"> {
  file(): Promise<string | Uint8Array>;
  /** Opens it as it is, where that is no exported file. */
  readonly open?: (options: PredictorThreadOptions) => Promise<OpenModel>;
}

/**
 * The model at paths: run folders, with the weights of a name, or files that `segkit export` wrote. Of several the probabilities
 * are averaged. Throws a ConfigError where there is none or their classes differ, a CorruptFileError where one is damaged.
 */
export async function predictModel(paths: readonly string[], weights: WeightsName): Promise<PredictModel> {
  const parts = await Promise.all(
    paths.map((path) => (/\.onnx$/i.test(path) ? exportedModel(path) : trainedModel(new RunFolder(path), weights))),
  );
  const [first, ...others] = parts as [Part, ...Part[]];
  return {
    text: parts.map(({ text }) => text).join(" and "),
    sha256: parts.map(({ sha256 }) => sha256).join("+"),
    names: first.names,
    open: async ({ window, ...options }) => {
      if (first.open && others.length === 0 && !window) return first.open(options);
      const files: (string | Uint8Array)[] = [];
      for (const part of parts) files.push(await part.file());
      return openFiles(files, { ...options, ...(window && { window }) });
    },
  };
}

async function trainedModel(run: RunFolder, weights: WeightsName): Promise<Part> {
  const { card, state } = await run.readWeights(weights);
  return {
    text: `the ${weights} weights of ${run.path}`,
    sha256: await sha256Of(run.weightsFile(weights)),
    names: card,
    file: async () => (await exportTrained({ card, state }, {})).bytes,
    open: (options) => openPredictor(card, state, options),
  };
}

async function exportedModel(file: string): Promise<Part> {
  const bytes = await readModelFile(file, "Give a run folder, or a file that segkit export wrote.");
  const spec = namingFile(file, () => readModelSpec(bytes));
  return {
    text: file,
    sha256: await sha256Of(file),
    names: { classes: spec.names, palette: spec.colors },
    file: async () => file,
  };
}

async function openFiles(
  files: readonly (string | Uint8Array)[],
  { backend = "auto", threads, tta, window }: OpenOptions,
): Promise<OpenModel> {
  const options: LoadOptions = { backend, ...(threads !== undefined && { threads }) };
  const predictor = await openFilePredictor(files, options);
  const views = tta ? { tta } : {};
  return {
    predict: (image, { withProbabilities = false } = {}) =>
      predictor.predict(image, { probabilities: withProbabilities, ...views, ...(window && { window }) }),
    ...(window && { predictRows: (picture: PixelRowsFile) => predictor.predictRows(picture, { ...window, ...views }) }),
    release: () => predictor.release(),
  };
}
