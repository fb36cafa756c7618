import { namedLeaves } from "../nn/module.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { ConfigError } from "../util/errors.ts";
import type { SegmentationModel } from "./model.ts";

/**
 * The weights of a model's encoder from a torchvision state dict, under the names that the model gives them. What the
 * encoder has no use for, such as the classifier (`fc.…`), is left out.
 * Throws a ConfigError if an entry is missing or has another shape, or if torchvision has no such encoder.
 */
export function fromTorchvision(model: SegmentationModel, state: ReadonlyMap<string, StoredTensor>): StateDict {
  const names = encoderNames(model);
  const renamed = new Map<string, StoredTensor>();
  for (const { own, torchvision } of names) {
    const found = state.get(torchvision);
    if (found) renamed.set(own, found);
  }
  const loaded = loadState(model.encoder, renamed);
  return new Map(names.map(({ own, full }) => [full, loaded.get(own)!]));
}

/** The encoder's part of a model's state, under torchvision's names. */
export function toTorchvision(model: SegmentationModel, state: StateDict): StateDict {
  return new Map(encoderNames(model).map(({ full, torchvision }) => [torchvision, state.get(full)!]));
}

interface EncoderName {
  /** In the encoder. */
  readonly own: string;
  /** In the whole model. */
  readonly full: string;
  readonly torchvision: string;
}

function encoderNames(model: SegmentationModel): EncoderName[] {
  const members: Readonly<Record<string, string>> | null = model.encoder.torchvisionMembers;
  if (!members) throw new ConfigError("torchvision: it has no network like this encoder");
  const fullNames = new Map(namedLeaves(model).map(([name, leaf]) => [leaf, name]));
  return namedLeaves(model.encoder).map(([own, leaf]) => {
    const [member, ...rest] = own.split(".") as [string, ...string[]];
    return { own, full: fullNames.get(leaf)!, torchvision: [members[member]!, ...rest].join(".") };
  });
}
