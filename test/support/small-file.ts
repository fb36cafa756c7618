import { exportModel, type ExportOptions } from "../../src/export/export-model.ts";
import { initialState } from "../../src/nn/state.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { Random } from "../../src/util/random.ts";
import { SmallModel } from "./small-learner.ts";

/** An exported file of a network of three convolutions and three classes, which takes pictures of any size. */
export async function smallFile(
  options: ExportOptions = {},
  { seed = 1, size = [16, 24] }: { readonly seed?: number; readonly size?: readonly [number, number] } = {},
): Promise<Uint8Array> {
  const model = new SmallModel();
  const palette = [0, 1, 2].map((i): [number, number, number] => [80 * i, 9, 200]);
  const stats = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
  const data = { classes: ["sky", "road", "car"], voidIndex: null, palette, size, stats } as const;
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  return (await exportModel({ model, state: initialState(model, new Random(seed)), data }, runtime, options)).bytes;
}
