import { valueInfo } from "./builder.ts";
import type { LoweredProgram } from "./lower.ts";
import { decodeModel, type Dimension, type GraphProto, type TensorProto, type ValueInfoProto } from "./schema.ts";

/** Whole numbers, by TensorProto.DataType: int32 and int64. */
const integers = new Set([6, 7]);

const sizesOf = ({ type: { tensorType } }: ValueInfoProto): readonly Dimension[] => tensorType.shape.dim;

/**
 * The graph without what tells ONNX Runtime the shapes of values before it runs: inputs have no sizes, and constant shapes
 * and positions are inputs with a default (of lists the length stays, from which it knows the number of axes). Where it knows shapes, it lets values of one shape share a buffer and holds that
 * from the first to the last of them: what the forward pass is done with keeps its memory for something of its size in the
 * backward pass.
 */
export function withHiddenShapes(graph: GraphProto): GraphProto {
  const positions = graph.initializer.filter(({ dataType }) => integers.has(dataType));
  const hidden = positions.map(declared).map((list) => (sizesOf(list).length > 1 ? withoutSizes(list) : list));
  return { ...graph, input: [...graph.input.map(withoutSizes), ...hidden] };
}

/** A program's graph, with the shapes of its inputs. */
export function graphOf({ model, inputs }: LoweredProgram): GraphProto {
  const { graph } = decodeModel(model);
  return { ...graph, input: Object.entries(inputs).map(([name, type]) => valueInfo(name, type)) };
}

function declared({ name, dims, dataType }: TensorProto): ValueInfoProto {
  return { name, type: { tensorType: { elemType: dataType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}

function withoutSizes(info: ValueInfoProto): ValueInfoProto {
  // A size of which nothing is said has no dimValue at all.
  const dim = sizesOf(info).map(() => ({}) as Dimension);
  const { name, type } = info;
  return { name, type: { tensorType: { ...type.tensorType, shape: { dim } } } };
}
