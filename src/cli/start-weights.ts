import { readFile } from "node:fs/promises";
import { namingFile } from "../inference/weights.node.ts";
import { fromTorchvision } from "../models/torchvision.ts";
import type { UNet } from "../models/unet/unet.ts";
import { decodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { ConfigError, messageOf } from "../util/errors.ts";

/** The tensors of a file to start from; undefined where weights are drawn at random. */
export type StartFile = { readonly file: string; readonly tensors: ReadonlyMap<string, StoredTensor> } | undefined;

/**
 * Reads what `--pretrained` names: "false", or a safetensors file. Throws a ConfigError when there is no such file, a
 * CorruptFileError when it is damaged.
 */
export async function readStartFile(pretrained: string): Promise<StartFile> {
  if (pretrained === "false") return undefined;
  if (pretrained === "true")
    throw new ConfigError("--pretrained: segkit cannot download weights yet", {
      hint: "Give a .safetensors file with torchvision's weights of the encoder, or --pretrained false.",
    });
  const bytes = await readFile(pretrained).catch((error: unknown) => {
    throw new ConfigError(`--pretrained ${pretrained}: cannot be read: ${messageOf(error)}`, {
      hint: "Give false, or a .safetensors file.",
      cause: error,
    });
  });
  return { file: pretrained, tensors: namingFile(pretrained, () => decodeSafetensors(bytes)).tensors };
}

/** Weights to start from: none, some or all of a model's. */
export interface StartWeights {
  readonly state: StateDict;
  /** Where they are from, in words. */
  readonly description: string;
}

/** A file's weights for a model: a whole U-Net's, or a torchvision ResNet's for its encoder. Throws a ConfigError if they do not fit. */
export function startWeights(model: UNet, start: StartFile): StartWeights {
  if (!start) return { state: new Map(), description: "weights drawn at random" };
  const { file, tensors } = start;
  return tensors.has("conv1.weight")
    ? { state: fromTorchvision(model, tensors), description: `encoder weights from ${file}` }
    : { state: loadState(model, tensors), description: `weights from ${file}` };
}
