import { pretrainedFile, readTensors } from "../inference/pretrained.node.ts";
import type { EncoderName } from "../models/encoders/index.ts";
import { describeWeights, matchWeights } from "../models/match-weights.ts";
import type { UNet } from "../models/unet/unet.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import type { CommandIo } from "./command.ts";
import { TransferBar } from "./transfer-bar.ts";

/** The tensors of a file to start from; undefined where weights are drawn at random. */
export type StartFile = { readonly file: string; readonly tensors: ReadonlyMap<string, StoredTensor> } | undefined;

/**
 * Reads what `--pretrained` names: "false", "true" for the encoder's published weights, which are downloaded once, or a
 * .pth or .safetensors file. Throws a ConfigError when there is no such file, a CorruptFileError when it is damaged or
 * wants more than to hold weights, a ResourceError when it cannot be downloaded.
 */
export async function readStartFile(pretrained: string, encoder: EncoderName, io: CommandIo): Promise<StartFile> {
  if (pretrained === "false") return undefined;
  const file = pretrained === "true" ? await fetched(encoder, io) : pretrained;
  return { file, tensors: await readTensors(file) };
}

async function fetched(encoder: EncoderName, { output, signal }: CommandIo): Promise<string> {
  const bar = output.bar();
  const transfer = new TransferBar(bar);
  try {
    return await pretrainedFile(encoder, {
      signal,
      onProgress: (done, total) => transfer.update("downloading weights", done, total),
      onRetry: (reason, seconds) => output.note(`note: ${reason}; again in ${seconds} s`),
    });
  } finally {
    bar.clear();
  }
}

/** Weights to start from: none, some or all of a model's. */
export interface StartWeights {
  readonly state: StateDict;
  /** Where they are from, in words. */
  readonly description: string;
}

/** A file's weights for a model: a whole U-Net's, or those of its encoder. Throws a ConfigError if they do not fit. */
export function startWeights(model: UNet, start: StartFile): StartWeights {
  if (!start) return { state: new Map(), description: "weights drawn at random" };
  const { file, tensors } = start;
  const { state, report } = matchWeights(model, tensors);
  return { state, description: `weights from ${file} (${describeWeights(report)})` };
}
