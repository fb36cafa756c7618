import type { GraphProto, NodeProto, TensorProto } from "../onnx/schema.ts";
import { opset as written } from "../onnx/lower.ts";
import { attribute, elementTypes } from "../onnx/builder.ts";
import { ConfigError } from "../util/errors.ts";
import { nodeOf } from "./ends.ts";

/** The version of the file format that each opset came with (ONNX's Versioning.md). */
const irVersions = {
  ...{ 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11 },
} as const satisfies Readonly<Record<number, number>>;

/** The opsets that an export can be written in. */
export const opsets: readonly number[] = Object.keys(irVersions).map(Number);

/** The opset of an export where none is asked for. */
export const defaultOpset: number = written;

/** The version of the file format for an opset. Throws a ConfigError for an opset that cannot be written. */
export function irVersionOf(opset: number): number {
  const version = (irVersions as Readonly<Record<number, number>>)[opset];
  if (version !== undefined) return version;
  throw new ConfigError(`export: expected an opset from ${opsets[0]} to ${opsets.at(-1)}, but received ${opset}`, {
    hint: `Leave it out for ${defaultOpset}, which every runtime of the last years reads.`,
  });
}

/**
 * A graph of opset 18 in another one. Before 18, reductions but sums have their axes as an attribute; before 15, Shape gives
 * all sizes. Later opsets mean the same by all that an export writes.
 */
export function inOpset(graph: GraphProto, opset: number): GraphProto {
  if (opset >= 18) return graph;
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const [added, node]: [TensorProto[], NodeProto[]] = [[], []];
  for (const each of graph.node) {
    if (/^Reduce(Mean|Max|Min)$/.test(each.opType)) node.push(axesAsAttribute(each, constants));
    else if (each.opType === "Shape" && opset < 15) node.push(...slicedShape(each, added));
    else node.push(each);
  }
  return { ...graph, initializer: [...graph.initializer, ...added], node };
}

function axesAsAttribute(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): NodeProto {
  const [x, axes] = node.input;
  const values = new BigInt64Array(Uint8Array.from(constants.get(axes!)!.rawData!).buffer);
  return { ...node, input: [x!], attribute: [...node.attribute, attribute("axes", Array.from(values, Number))] };
}

function slicedShape(node: NodeProto, added: TensorProto[]): NodeProto[] {
  const at = (name: string): number | undefined => node.attribute.find((each) => each.name === name)?.i;
  const [start, end, { name }] = [at("start") ?? 0, at("end"), node];
  const bounds = [start, end ?? 4].map((value, i): TensorProto => {
    const rawData = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    return { name: `${name}_${["start", "end"][i]}`, dims: [1], dataType: elementTypes.int64, rawData };
  });
  added.push(...bounds);
  return [
    nodeOf("Shape", `${name}_whole`, node.input, [`${name}_whole`]),
    nodeOf("Slice", name, [`${name}_whole`, ...bounds.map((each) => each.name)], node.output),
  ];
}
