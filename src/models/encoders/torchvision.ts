import { type Module, namedLeaves } from "../../nn/module.ts";
import type { StoredTensor } from "../../nn/safetensors.ts";
import { loadState, type StateDict } from "../../nn/state.ts";
import type { ResNet } from "./resnet.ts";

/** torchvision's names of a ResNet's members, by ours: the same children, which fastai numbers. */
const resnetNames: Readonly<Record<string, string>> = {
  0: "conv1",
  1: "bn1",
  4: "layer1",
  5: "layer2",
  6: "layer3",
  7: "layer4",
};

/** torchvision's name of one of a ResNet's parameters or buffers: "4.0.conv1.weight" is "layer1.0.conv1.weight". */
export function torchvisionName(name: string): string {
  const [member, ...rest] = name.split(".");
  return [resnetNames[member!] ?? member, ...rest].join(".");
}

/**
 * The weights of `model`'s encoder from a torchvision state dict, under the names that the model gives them; the
 * classifier (`fc.…`) is left out. Throws a ConfigError if an entry is missing or has another shape.
 */
export function fromTorchvision(
  model: Module & { readonly encoder: ResNet },
  state: ReadonlyMap<string, StoredTensor>,
): StateDict {
  const renamed = new Map<string, StoredTensor>();
  for (const [name] of namedLeaves(model.encoder)) {
    const found = state.get(torchvisionName(name));
    if (found) renamed.set(name, found);
  }
  const loaded = loadState(model.encoder, renamed);
  return new Map([...fullNames(model)].map(([name, full]) => [full, loaded.get(name)!]));
}

/** The encoder's part of a model's state, under torchvision's names. */
export function toTorchvision(model: Module & { readonly encoder: ResNet }, state: StateDict): StateDict {
  return new Map([...fullNames(model)].map(([name, full]) => [torchvisionName(name), state.get(full)!]));
}

/** The names of the encoder's leaves in the whole model, by their names in the encoder. */
function fullNames(model: Module & { readonly encoder: ResNet }): Map<string, string> {
  const names = new Map(namedLeaves(model).map(([name, leaf]) => [leaf, name]));
  return new Map(namedLeaves(model.encoder).map(([name, leaf]) => [name, names.get(leaf)!]));
}
