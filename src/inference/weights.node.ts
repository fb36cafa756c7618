import { decodeSafetensors, encodeSafetensors } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { CorruptFileError } from "../util/errors.ts";
import { writeWhole } from "../util/files.node.ts";
import { namingFile } from "../util/naming-file.ts";
import { readModelFile } from "../util/read-bounded.node.ts";
import { decodeCard, encodeCard, type ModelCard } from "./card.ts";

/** Key of the model card in a weights file's metadata. */
const cardKey = "segkit";

const hint = "Give a weights file that segkit train wrote.";

/** Writes a model's weights as safetensors, its card and other texts in the metadata. The file appears whole or not at all. */
export async function writeWeights(
  file: string,
  state: StateDict,
  card: ModelCard,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeWhole(file, encodeSafetensors(state, { ...metadata, [cardKey]: encodeCard(card) }));
}

/** Weights, what they are of, and all texts of their file. */
export interface StoredWeights {
  readonly state: StateDict;
  readonly card: ModelCard;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads weights and card back. Throws a ConfigError when there is no such file, a CorruptFileError when it is damaged.
 * @example const { state, card } = await readWeights("runs/first/weights.safetensors");
 */
export async function readWeights(file: string): Promise<StoredWeights> {
  const bytes = await readModelFile(file, hint);
  return namingFile(file, () => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const card = decodeCard(metadata[cardKey]);
    const state: StateDict = new Map();
    for (const [name, tensor] of tensors) {
      if (tensor.dtype !== "F32")
        throw new CorruptFileError(`weights: expected F32 for "${name}", but received ${tensor.dtype}`, { hint });
      state.set(name, tensor);
    }
    return { state, card, metadata };
  });
}
