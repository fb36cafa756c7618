import type { TensorData } from "../../src/graph/dtype.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { compile } from "../../src/runtime/compile.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";

const opened = openRuntime({ backend: "cpu", threads: 1 });

/** The values of some tensors, given those of the inputs they depend on. */
export async function runGraph(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: ReadonlyMap<Tensor, TensorData>,
): Promise<Record<string, TensorData>> {
  const fed = [...feeds].map(([tensor, data], i) => ({ name: `input${i}`, tensor, data }));
  const inputs = Object.fromEntries(fed.map(({ name, tensor }) => [name, tensor]));
  const program = await compile(await opened, { inputs, outputs });
  try {
    return await program.run(Object.fromEntries(fed.map(({ name, data }) => [name, data])));
  } finally {
    await program.release();
  }
}
