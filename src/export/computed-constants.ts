import { topological } from "../graph/order.ts";
import { rewrite } from "../graph/rewrite.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import type { ProgramLoader } from "./program-loader.ts";

type Outputs = Readonly<Record<string, Tensor>>;

/**
 * The same outputs with everything that depends on no input computed: the weights that weight and spectral norm make of
 * their parameters are plain weights afterwards.
 */
export async function withComputedConstants<O extends Outputs>(outputs: O, loader: ProgramLoader): Promise<O> {
  const fixed = computable(outputs);
  if (fixed.length === 0) return outputs;
  const names = new Map(fixed.map((tensor, i) => [`constant ${i}`, tensor]));
  const program = await loader.load(lower({ inputs: {}, outputs: Object.fromEntries(names) }, loader.target));
  try {
    const values = await program.run({});
    const computed = new Map([...names].map(([name, tensor]) => [tensor, values[name]!]));
    return rewrite(outputs, (tensor) => {
      const data = computed.get(tensor);
      return data && constant(data, tensor.shape, tensor.dtype);
    });
  } finally {
    await program.release();
  }
}

/** Calls on constants alone that something else reads. */
function computable(outputs: Outputs): Tensor[] {
  const fixed = new Set<Tensor>();
  const read = new Set<Tensor>(Object.values(outputs));
  for (const tensor of topological(Object.values(outputs))) {
    const { source } = tensor;
    if (source.kind === "constant") fixed.add(tensor);
    if (source.kind !== "call") continue;
    const operands = source.call.inputs.filter((x) => x !== null);
    if (operands.every((x) => fixed.has(x))) fixed.add(tensor);
    else for (const x of operands) read.add(x);
  }
  return [...read].filter((tensor) => tensor.source.kind === "call" && fixed.has(tensor));
}
