import { dirname, join } from "node:path";
import { type ModelCard, modelOf } from "../inference/card.ts";
import type { StateDict } from "../nn/state.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { makeFolder, writeWhole } from "../util/files.node.ts";
import { type ExportedModel, exportModel, type ExportOptions } from "./export-model.ts";
import { huggingFaceFiles, requirePlainEnds } from "./huggingface.ts";
import type { ExportOrigin } from "./metadata.ts";

/** How a model is exported, and with what it is compared. */
export interface ExportOnnxOptions extends ExportOptions {
  /** What the file tells of its origin. */
  readonly origin?: ExportOrigin;
  /** What runs file and model to compare them; default the processor. */
  readonly runtime?: Runtime;
}

/** A trained model, as `readWeights` reads it. */
export interface TrainedWeights {
  readonly card: ModelCard;
  readonly state: StateDict;
}

/**
 * Writes a trained model as one ONNX file that takes any batch, height and width and says what its classes, colours and
 * pictures are (`loadPredictor` reads it). Before it is written, it is run beside the live model at several sizes. The file
 * appears whole or not at all.
 * @throws CorruptFileError where file and model differ, ConfigError for options that do not fit, ResourceError where it cannot
 * be written.
 * @example
 * const trained = await readWeights("runs/train/streets/weights/best.safetensors");
 * const { spec, checks } = await exportOnnx(trained, "model.onnx", { precision: "fp16" });
 */
export async function exportOnnx(
  trained: TrainedWeights,
  file: string,
  options: ExportOnnxOptions = {},
): Promise<ExportedModel> {
  const exported = await exportTrained(trained, options);
  await makeFolder(dirname(file));
  await writeWhole(file, [exported.bytes]);
  return exported;
}

/**
 * Writes a trained model as a folder that Transformers.js loads and the Hugging Face Hub takes: config.json,
 * preprocessor_config.json, README.md and onnx/model.onnx. Errors as `exportOnnx`; a ConfigError for `argMax` and
 * `uint8Input` too.
 * @example
 * const trained = await readWeights("runs/train/streets/weights/best.safetensors");
 * await exportHuggingFace(trained, "streets-unet");
 */
export async function exportHuggingFace(
  trained: TrainedWeights,
  folder: string,
  options: ExportOnnxOptions = {},
): Promise<ExportedModel> {
  requirePlainEnds(options);
  const exported = await exportTrained(trained, options);
  for (const [name, content] of Object.entries(huggingFaceFiles(exported))) {
    const file = join(folder, name);
    await makeFolder(dirname(file));
    await writeWhole(file, [content]);
  }
  return exported;
}

/** A trained model as an exported file in memory. Errors as `exportOnnx`, but that nothing is written. */
export async function exportTrained(
  { card, state }: TrainedWeights,
  { origin, runtime, ...options }: ExportOnnxOptions,
): Promise<ExportedModel> {
  const loader = runtime ?? (await openRuntime());
  const { encoder } = card.architecture;
  const source = { model: modelOf(card), state, data: card };
  return exportModel({ ...source, origin: { architecture: `U-Net, ${encoder}`, ...origin } }, loader, options);
}
