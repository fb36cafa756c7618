import { elementTypes } from "../onnx/builder.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/schema.ts";
import { floatToHalf } from "../nn/half.ts";
import { nodeOf } from "./ends.ts";
import { logitsName, pixelValues } from "./network.ts";

/** float16 among the TensorProto.DataTypes. */
const float16 = 10;

/**
 * The network with weights and arithmetic in float16, half the size; input and output stay float32. What computes sizes
 * stays as it is. Throws nothing: a weight beyond ±65504 becomes infinite, which comparing the file finds.
 */
export function inHalf(graph: GraphProto): GraphProto {
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const exact = sizeNodes(graph, constants);
  const exactReads = new Set(graph.node.flatMap((node) => (exact.has(node) ? node.input : [])));
  const halves = new Map<string, TensorProto>();
  const halfOf = (value: string): string => {
    if (value === pixelValues) return `${value}_half`;
    const constant = constants.get(value);
    if (constant?.dataType !== elementTypes.float32) return value;
    const name = exactReads.has(value) ? `${value}_half` : value;
    if (!halves.has(name)) halves.set(name, halfConstant(name, constant));
    return name;
  };
  const output = (value: string): string => (value === logitsName ? `${value}_half` : value);
  const node = graph.node.map((each) =>
    // A size may be read from the picture itself, whatever its type.
    exact.has(each) ? each : { ...each, input: each.input.map(halfOf), output: each.output.map(output) },
  );
  const kept = graph.initializer.filter(
    ({ name, dataType }) => dataType !== elementTypes.float32 || exactReads.has(name),
  );
  return {
    ...graph,
    initializer: [...kept, ...halves.values()],
    node: [
      nodeOf("Cast", "pixel_values_cast", [pixelValues], [`${pixelValues}_half`], { to: float16 }),
      ...node,
      nodeOf("Cast", "logits_cast", [`${logitsName}_half`], [logitsName], { to: elementTypes.float32 }),
    ],
  };
}

/** The nodes that compute with sizes alone, not with pixels. */
function sizeNodes({ node }: GraphProto, constants: ReadonlyMap<string, TensorProto>): ReadonlySet<NodeProto> {
  const sizes = new Set<string>();
  return new Set(
    node.filter((each) => {
      const found = each.opType === "Shape" || each.input.every((value) => sizes.has(value) || constants.has(value));
      if (found) for (const value of each.output) sizes.add(value);
      return found;
    }),
  );
}

function halfConstant(name: string, { dims, rawData }: TensorProto): TensorProto {
  const bits = floatToHalf(new Float32Array(Uint8Array.from(rawData!).buffer));
  return { name, dims, dataType: float16, rawData: new Uint8Array(bits.buffer) };
}
