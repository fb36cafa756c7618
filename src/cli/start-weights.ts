import { readFile } from "node:fs/promises";
import { namingFile } from "../inference/weights.node.ts";
import { fromTorchvision } from "../models/torchvision.ts";
import type { UNet } from "../models/unet/unet.ts";
import { decodeSafetensors } from "../nn/safetensors.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import type { Learner } from "../train/learner.ts";
import { ConfigError, messageOf } from "../util/errors.ts";

/** Weights to start from: some or all of a model's. */
export interface StartWeights {
  readonly state: StateDict;
  /** Where they are from, in words. */
  readonly description: string;
}

/**
 * Reads weights to start from: a whole U-Net's, or a torchvision ResNet's for the encoder.
 * @param pretrained "false", or a safetensors file.
 * @throws ConfigError when there is no such file or it does not fit the model, CorruptFileError when it is damaged.
 */
export async function readStartWeights(model: UNet, pretrained: string): Promise<StartWeights> {
  if (pretrained === "false") return { state: new Map(), description: "weights drawn at random" };
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
  const { tensors } = namingFile(pretrained, () => decodeSafetensors(bytes));
  const whole = !tensors.has("conv1.weight");
  const state = whole ? loadState(model, tensors) : fromTorchvision(model, tensors);
  return { state, description: `${whole ? "weights" : "encoder weights"} from ${pretrained}` };
}

/** Puts weights to start from in the place of those drawn at random. */
export async function putStartWeights(learner: Learner, { state }: StartWeights): Promise<void> {
  if (state.size > 0) await learner.loadStateDict(new Map([...(await learner.stateDict()), ...state]));
}
