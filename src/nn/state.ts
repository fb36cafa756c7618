import { sameShape, showShape } from "../graph/shape.ts";
import { ConfigError } from "../util/errors.ts";
import type { Random } from "../util/random.ts";
import { type Module, namedLeaves } from "./module.ts";
import type { Buffer, Parameter } from "./parameter.ts";
import type { StoredTensor } from "./safetensors.ts";

/** Values of one parameter or buffer, row-major. */
export type StateTensor = Extract<StoredTensor, { readonly dtype: "F32" }>;

/**
 * The values of a module by the names PyTorch gives them. PyTorch's `num_batches_tracked` counters are left out:
 * nothing reads them, and PyTorch loads a state dict without them.
 */
export type StateDict = Map<string, StateTensor>;

/**
 * Fresh values for every parameter and buffer; each is drawn from its own generator, named by its full name.
 * @example const state = initialState(module, new Random(1));
 */
export function initialState(module: Module, random: Random): StateDict {
  const leaves = namedLeaves(module);
  const names = new Map(leaves.map(([name, leaf]) => [leaf, name]));
  const drawn = new Map<Parameter | Buffer, StateTensor["data"]>();
  const initialOf = (leaf: Parameter | Buffer): StateTensor["data"] => {
    const known = drawn.get(leaf);
    if (known) return known;
    const data = leaf.init(leaf.shape, random.split(names.get(leaf)!), initialOf);
    drawn.set(leaf, data);
    return data;
  };
  return new Map(leaves.map(([name, leaf]) => [name, { dtype: "F32", shape: leaf.shape, data: initialOf(leaf) }]));
}

/**
 * The entries of `state` that belong to a module, in its own order, checked against its names and shapes. The data is
 * not copied.
 * @param options `strict` (default): every name of the module must be there, and no other. Otherwise missing and
 * unexpected names are passed over; a wrong shape is an error all the same.
 * Throws a ConfigError that lists what does not fit.
 * @example const state = loadState(module, decodeSafetensors(bytes).tensors, { strict: false });
 */
export function loadState(
  module: Module,
  state: ReadonlyMap<string, StoredTensor>,
  options: { readonly strict?: boolean } = {},
): StateDict {
  const { strict = true } = options;
  const expected = new Map(namedLeaves(module));
  const loaded: StateDict = new Map();
  const missing: string[] = [];
  const unfit: string[] = [];
  for (const [name, { shape }] of expected) {
    const found = state.get(name);
    if (!found) missing.push(name);
    else if (found.dtype === "F32" && sameShape(found.shape, shape)) loaded.set(name, found);
    else unfit.push(`${name} is ${found.dtype} ${showShape(found.shape)}, expected F32 ${showShape(shape)}`);
  }
  const unexpected = [...state.keys()].filter((name) => !expected.has(name) && !isCounter(name));
  const faults = [
    ...(strict ? [list("missing", missing), list("unexpected", unexpected)] : []),
    list("of the wrong shape or type", unfit, "; "),
  ].filter((fault) => fault !== "");
  if (faults.length > 0)
    throw new ConfigError(`load: the weights do not fit the model: ${faults.join("; ")}`, {
      hint: "Build the model with the encoder, classes and options that the weights were saved with.",
    });
  return loaded;
}

function isCounter(name: string): boolean {
  return name.endsWith("num_batches_tracked");
}

const shown = 5;

function list(what: string, entries: readonly string[], separator = ", "): string {
  if (entries.length === 0) return "";
  const more = entries.length > shown ? `${separator}… (${entries.length - shown} more)` : "";
  return `${entries.length} ${what} (${entries.slice(0, shown).join(separator)}${more})`;
}
