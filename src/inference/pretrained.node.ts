import { join } from "node:path";
import { readConfig } from "../data/remote/config.node.ts";
import { type EncoderChoice, encoderName } from "../models/encoders/index.ts";
import { type PretrainedSource, pretrainedSources } from "../models/encoders/pretrained.ts";
import { matchWeights, type WeightsReport } from "../models/match-weights.ts";
import type { SegmentationModel } from "../models/model.ts";
import { looksLikePth, readPth } from "../nn/pth/read-pth.node.ts";
import { decodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { download, type DownloadOptions } from "../util/download.node.ts";
import { ConfigError, ResourceError } from "../util/errors.ts";
import { namingFile } from "../util/naming-file.ts";
import { readModelFile, readHead } from "../util/read-bounded.node.ts";

/** Where published weights come from and are kept. */
export interface PretrainedOptions extends Pick<DownloadOptions, "onProgress" | "onRetry" | "retries" | "signal"> {
  /** Folder for downloaded weights; default that of segkit's configuration. */
  readonly folder?: string;
  /**
   * Address of a folder that has the files under their own names; default $SEGKIT_WEIGHTS_MIRROR, else the authors'.
   */
  readonly mirror?: string;
}

/** Weights of a file as far as they fit a model. */
export interface PretrainedWeights {
  /** By the model's names. */
  readonly state: StateDict;
  /** What was loaded, and what did not fit. */
  readonly report: WeightsReport;
  /** The file they come from. */
  readonly file: string;
}

/**
 * Weights for a model to begin with: with `true` the published ones of its encoder, downloaded once; else those of a
 * file (.pth or .safetensors), of the encoder or of a whole U-Net. Files are known by their contents.
 * @throws ConfigError when there is no such file, or it does not fit; CorruptFileError when it is damaged or is no file
 * of weights alone; ResourceError when it cannot be downloaded.
 * @example const { state, report } = await loadPretrained(learner.model, "resnet34.pth");
 */
export async function loadPretrained(
  model: SegmentationModel,
  pretrained: true | string,
  options: PretrainedOptions = {},
): Promise<PretrainedWeights> {
  const file = pretrained === true ? await pretrainedFile(encoderOf(model), options) : pretrained;
  return { ...matchWeights(model, await readTensors(file)), file };
}

/** The file of an encoder's published weights, downloaded if it is not there yet. */
export async function pretrainedFile(encoder: EncoderChoice, options: PretrainedOptions = {}): Promise<string> {
  return fetchWeights(pretrainedSources[encoderName(encoder)], options);
}

/** Downloads a file of weights unless it is there, and checks it. Returns its path. */
export async function fetchWeights(
  { url, sha256 }: Pick<PretrainedSource, "url" | "sha256">,
  options: PretrainedOptions,
): Promise<string> {
  const { folder = (await readConfig()).modelPath, mirror = process.env.SEGKIT_WEIGHTS_MIRROR, ...rest } = options;
  const name = url.slice(url.lastIndexOf("/") + 1);
  const address = mirror ? `${mirror.replace(/\/+$/, "")}/${name}` : url;
  const file = join(folder, name);
  try {
    await download(address, file, { ...rest, check: { sha256 } });
  } catch (error) {
    if (!(error instanceof ResourceError)) throw error;
    throw new ResourceError(error.message, {
      hint: `Download ${address} by other means and give the file's path instead of true.`,
      cause: error,
    });
  }
  return file;
}

/**
 * The tensors of a .pth or .safetensors file by their names. Throws a ConfigError when it cannot be read, a
 * CorruptFileError when it is damaged or holds anything but tensors.
 * @example const tensors = await readTensors("resnet34.pth");
 */
export async function readTensors(file: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const hint = "Give a .pth or .safetensors file.";
  const { head } = await readHead(file, 4, hint);
  if (looksLikePth(head)) return readPth(file);
  const bytes = await readModelFile(file, hint);
  return namingFile(file, () => decodeSafetensors(bytes).tensors);
}

function encoderOf({ architecture: { encoder } }: SegmentationModel): EncoderChoice {
  if (typeof encoder === "string") return encoder as EncoderChoice;
  throw new ConfigError("weights: there are no published weights of an encoder of your own", {
    hint: "Give a file of weights, or pretrained: false.",
  });
}
