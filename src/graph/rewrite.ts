import type { Call } from "./op.ts";
import { topological } from "./order.ts";
import { constant, Tensor } from "./tensor.ts";

/**
 * The same outputs with tensors replaced, operands first. `rule` sees each tensor and, of a call, the call with its
 * operands replaced already; where it gives nothing, the tensor stays what it is.
 */
export function rewrite<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
  rule: (tensor: Tensor, call: Call | null) => Tensor | undefined,
): Outputs {
  const replaced = new Map<Tensor, Tensor>();
  for (const tensor of topological(Object.values(outputs))) {
    const { source } = tensor;
    if (source.kind !== "call") replaced.set(tensor, rule(tensor, null) ?? tensor);
    else {
      const inputs = source.call.inputs.map((x) => x && replaced.get(x)!);
      const call: Call = { ...source.call, inputs };
      const same = inputs.every((x, i) => x === source.call.inputs[i]);
      replaced.set(tensor, rule(tensor, call) ?? (same ? tensor : new Tensor(tensor, { kind: "call", call })));
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, replaced.get(tensor)!])) as Outputs;
}

/** How many operands each tensor below some outputs is, outputs themselves counted too. */
export function readersOf(outputs: Readonly<Record<string, Tensor>>): ReadonlyMap<Tensor, number> {
  const count = new Map<Tensor, number>();
  const add = (tensor: Tensor): void => void count.set(tensor, (count.get(tensor) ?? 0) + 1);
  for (const output of Object.values(outputs)) add(output);
  for (const { source } of topological(Object.values(outputs)))
    if (source.kind === "call") for (const x of source.call.inputs) if (x) add(x);
  return count;
}

/** The values of a constant; null for another tensor, or one that is not float32. */
export function floatsOf(tensor: Tensor | null | undefined): Float32Array | null {
  const source = tensor?.source;
  return source?.kind === "constant" && source.data instanceof Float32Array ? source.data : null;
}

/** The same outputs with inputs that have become constants: `values` holds their data, row-major. */
export function bindInputs<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
  values: ReadonlyMap<Tensor, Float32Array>,
): Outputs {
  return rewrite(outputs, (tensor) => {
    const data = values.get(tensor);
    return data && constant(data, tensor.shape, tensor.dtype);
  });
}
