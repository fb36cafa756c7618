import type { DataBunch } from "../data/databunch.ts";
import { cardOf, encodeCard } from "../inference/card.ts";
import type { SegmentationModel } from "../models/model.ts";
import { decodeSafetensors, encodeSafetensors } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { ConfigError, CorruptFileError } from "../util/errors.ts";
import type { OptimizerState } from "./engine.ts";
import { type Host, joinPath } from "./host.ts";
import { optimizerHead, optimizerState, optimizerTensors } from "./optimizer-tensors.ts";
import { parseJson } from "../util/parse-json.ts";

/** Key of the model card in a weights file's metadata, and of the optimizer's in its own. */
const cardKey = "segkit";
const optimizerKey = "optimizer";

/** Where a learner keeps its files. */
export interface FilePlace {
  readonly host: Host;
  /** The folder of all of them. */
  readonly path: string;
  /** The folder of weights, below `path`. */
  readonly modelDir: string;
}

const weightsFile = ({ path, modelDir }: FilePlace, name: string): string =>
  joinPath(path, modelDir, `${name.replace(/\.safetensors$/, "")}.safetensors`);

const optimizerFile = (weights: string): string => weights.replace(/\.safetensors$/, ".optimizer.safetensors");

/** Throws a ResourceError when weights cannot be written there. */
export function requireSavable({ host, path, modelDir }: FilePlace): Promise<void> {
  return host.requireWritable(joinPath(path, modelDir) || ".");
}

/**
 * Writes weights, with a card that says what they are of, and the optimizer's state beside them where it is given: both
 * safetensors, no code. Returns the path of the weights. Throws a ResourceError when they cannot be written.
 */
export async function saveWeights(
  place: FilePlace,
  name: string,
  {
    model,
    data,
    state,
    optimizer,
  }: {
    readonly model: SegmentationModel;
    readonly data: DataBunch;
    readonly state: StateDict;
    readonly optimizer: OptimizerState | undefined;
  },
): Promise<string> {
  const file = weightsFile(place, name);
  await requireSavable(place);
  await place.host.write(file, encodeSafetensors(state, cardMetadata(model, data)));
  if (optimizer) {
    const { head, tensors } = optimizerTensors(optimizer);
    await place.host.write(optimizerFile(file), encodeSafetensors(tensors, { [optimizerKey]: JSON.stringify(head) }));
  } else await place.host.remove(optimizerFile(file));
  return file;
}

/** The card, where the model is one that a card can describe. */
function cardMetadata(model: SegmentationModel, data: DataBunch): Record<string, string> {
  try {
    return { [cardKey]: encodeCard(cardOf(model, data)) };
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
}

/**
 * Reads what `saveWeights` wrote. The optimizer's state is read where it is there, or `withOpt` asks for it.
 * Throws a ConfigError when a file is missing, a CorruptFileError when it is damaged.
 */
export async function readSaved(
  place: FilePlace,
  name: string,
  withOpt: boolean | undefined,
): Promise<{
  readonly tensors: ReturnType<typeof decodeSafetensors>["tensors"];
  readonly optimizer: OptimizerState | undefined;
}> {
  const file = weightsFile(place, name);
  const { tensors } = decodeSafetensors(await place.host.read(file));
  const beside = optimizerFile(file);
  if (withOpt === false || !(withOpt || (await place.host.exists(beside)))) return { tensors, optimizer: undefined };
  return { tensors, optimizer: readOptimizer(beside, await place.host.read(beside)) };
}

function readOptimizer(file: string, bytes: Uint8Array): OptimizerState {
  const { tensors, metadata } = decodeSafetensors(bytes);
  try {
    return optimizerState(optimizerHead.parse(parseJson(metadata[optimizerKey] ?? "null")), tensors);
  } catch (error) {
    throw new CorruptFileError(`${file}: does not hold an optimizer's state`, {
      hint: "Load the weights alone, with withOpt: false.",
      cause: error,
    });
  }
}
