import { readFile } from "node:fs/promises";
import { decodeSafetensors, encodeSafetensors } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { CorruptFileError, messageOf } from "../util/errors.ts";
import { writeWhole } from "../util/files.node.ts";
import { decodeCard, encodeCard, type ModelCard } from "./card.ts";

/** Key of the model card in a weights file's metadata. */
const cardKey = "segkit";

/** Writes a model's weights as safetensors, its card in the metadata. The file appears whole or not at all. */
export async function writeWeights(file: string, state: StateDict, card: ModelCard): Promise<void> {
  await writeWhole(file, encodeSafetensors(state, { [cardKey]: encodeCard(card) }));
}

/** Reads weights and card back; throws a CorruptFileError for a file that is neither. */
export async function readWeights(file: string): Promise<{ state: StateDict; card: ModelCard }> {
  const { tensors, metadata } = decodeSafetensors(await readBytes(file));
  return { state: tensors as StateDict, card: decodeCard(metadata[cardKey], file) };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CorruptFileError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
