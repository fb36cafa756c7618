import { readFile } from "node:fs/promises";
import { fromTorchvision } from "../models/torchvision.ts";
import { decodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import type { UNet } from "../models/unet/unet.ts";
import type { Learner } from "../train/learner.ts";
import { ConfigError, messageOf } from "../util/errors.ts";

/**
 * Puts the weights of a safetensors file into a learner: a whole U-Net's, or a torchvision ResNet's into its encoder.
 * `pretrained` is "false", or the file. Returns a sentence on what was loaded.
 */
export async function startWeights(learner: Learner, model: UNet, pretrained: string): Promise<string> {
  if (pretrained === "false") return "weights drawn at random";
  if (pretrained === "true")
    throw new ConfigError("--pretrained true: segkit cannot download weights yet", {
      hint: "Give a .safetensors file with torchvision's weights of the encoder, or --pretrained false.",
    });
  const stored = await readStored(pretrained);
  const state = await learner.stateDict();
  const loaded = stored.has("conv1.weight") ? fromTorchvision(model, stored) : loadState(model, stored);
  const merged: StateDict = new Map([...state, ...loaded]);
  await learner.loadStateDict(merged);
  return `${loaded.size} of ${state.size} tensors from ${pretrained}`;
}

async function readStored(file: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ConfigError(`--pretrained ${file}: cannot be read: ${messageOf(error)}`, {
      hint: "Give true, false or a .safetensors file.",
      cause: error,
    });
  });
  return decodeSafetensors(bytes).tensors;
}
