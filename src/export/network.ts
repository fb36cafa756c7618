import { bindInputs } from "../graph/rewrite.ts";
import { input } from "../graph/tensor.ts";
import { foldBatchNorm } from "../inference/passes/fold-batch-norm.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { lower } from "../onnx/lower.ts";
import { decodeModel, type GraphProto, renamed } from "../onnx/schema.ts";
import { portableTarget, without } from "../onnx/target.ts";
import { anySizeLowerings, probeSize } from "./any-size.ts";
import { withComputedConstants } from "./computed-constants.ts";
import type { ProgramLoader } from "./program-loader.ts";

/** Names of the network's input, float32 [N, 3, H, W], and its output, float32 [N, classes, H, W]; Transformers.js's. */
export const [pixelValues, logitsName] = ["pixel_values", "logits"];

/** Operators of the ONNX standard alone, in the order of the model. */
const target = without({ ...portableTarget, ...{ name: "file", everyDType: true, reducesAnyAxes: true } }, [
  "memoryOrder",
]);

/**
 * A model with its weights as an ONNX graph for any batch, height and width: `pixel_values` to `logits`. Batch norms next
 * to a convolution are part of it. Throws a ConfigError when the weights are not the model's.
 */
export async function networkGraph(
  model: SegmentationModel,
  state: StateDict,
  loader: ProgramLoader,
): Promise<GraphProto> {
  const loaded = loadState(model, state);
  const images = input(pixelValues, [1, 3, ...probeSize(model.minimumSize)]);
  const weights = Object.entries(stateTensors(model)).map(
    ([name, tensor]) => [tensor, loaded.get(name)!.data] as const,
  );
  const bound = bindInputs({ [logitsName]: model.forward(images, evaluation) }, new Map(weights));
  const outputs = foldBatchNorm(await withComputedConstants(bound, loader));
  const table = anySizeLowerings({ tensor: images, name: pixelValues });
  const lowered = lower({ inputs: { [pixelValues]: images }, outputs }, target, table);
  return readable(decodeModel(lowered.model).graph);
}

/** Nodes numbered by their operator, and values named after them: `Conv_3`. */
function readable(graph: GraphProto): GraphProto {
  const kept = new Set([...graph.input, ...graph.output].map(({ name }) => name));
  const names = new Map(graph.initializer.map(({ name }, i) => [name, `constant_${i}`]));
  const counts = new Map<string, number>();
  const node = graph.node.map((each) => {
    const n = counts.get(each.opType) ?? 0;
    counts.set(each.opType, n + 1);
    const name = `${each.opType}_${n}`;
    for (const [i, value] of each.output.entries())
      if (!kept.has(value)) names.set(value, i === 0 ? name : `${name}_${i}`);
    return { ...each, name };
  });
  return {
    ...graph,
    initializer: graph.initializer.map((each) => ({ ...each, name: names.get(each.name)! })),
    node: node.map((each) => renamed(each, (value) => names.get(value) ?? value)),
  };
}
