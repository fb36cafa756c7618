import { type PickleValue, PthTensor, refused } from "./values.ts";

/** Where training programs put the weights beside what else they save; fastai's `learn.save` is the first. */
const wrappers = ["model", "state_dict", "model_state_dict", "model_state", "net", "ema"];

/**
 * The tensors of a saved state dict by their names: those at the top of the file, or those of its entry `model` or the
 * like. The prefix `module.`, which DataParallel puts before every name, is left out.
 * @throws CorruptFileError when there is none.
 */
export function stateDictOf(value: PickleValue): Map<string, PthTensor> {
  const top = namedTensors(value);
  if (top.size > 0) return withoutPrefix(top);
  if (value instanceof Map)
    for (const wrapper of wrappers) {
      const inner = namedTensors(value.get(wrapper) ?? null);
      if (inner.size > 0) return withoutPrefix(inner);
    }
  const names = value instanceof Map ? [...value.keys()].filter((key) => typeof key === "string") : [];
  const found = names.slice(0, 5).join(", ") || "no names";
  throw refused(`expected named tensors at its top or in ${wrappers.join(", ")}, but found ${found}`);
}

function namedTensors(value: PickleValue): Map<string, PthTensor> {
  if (!(value instanceof Map)) return new Map();
  return new Map([...value].filter((entry): entry is [string, PthTensor] => isNamedTensor(entry)));
}

function isNamedTensor([name, value]: readonly [PickleValue, PickleValue]): boolean {
  return typeof name === "string" && value instanceof PthTensor;
}

function withoutPrefix(tensors: Map<string, PthTensor>): Map<string, PthTensor> {
  const prefix = "module.";
  if (![...tensors.keys()].every((name) => name.startsWith(prefix))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
