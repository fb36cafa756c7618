import type { OpName } from "../graph/ops/index.ts";
import { topological } from "../graph/order.ts";
import { simplify } from "../graph/simplify.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import { elementTypes, GraphBuilder, type Value } from "./builder.ts";
import { convLowerings } from "./lowering/conv.ts";
import { elementwiseLowerings } from "./lowering/elementwise.ts";
import type { Lowered, Lowerings } from "./lowering/lowering.ts";
import { matmulLowerings } from "./lowering/matmul.ts";
import { movementLowerings } from "./lowering/movement.ts";
import { reduceLowerings } from "./lowering/reduce.ts";
import { spatialLowerings } from "./lowering/spatial.ts";
import { encodeModel, type ValueInfoProto } from "./schema.ts";
import type { LoweringTarget } from "./target.ts";

/** The lowering of every operator. */
export const lowerings: Lowerings<OpName> = {
  ...elementwiseLowerings,
  ...reduceLowerings,
  ...matmulLowerings,
  ...movementLowerings,
  ...convLowerings,
  ...spatialLowerings,
};

/** A graph to run: its inputs and outputs by name. */
export interface ProgramGraph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A program as plain data: what `lower` makes, a file or a message can carry, and a runtime loads. */
export interface LoweredProgram {
  readonly model: Uint8Array;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType>>;
}

/** The ONNX opset that lowerings write. */
export const opset = 18;

/**
 * A graph as an ONNX model for one target, each operator by its entry of `table`. Throws a ConfigError when an output
 * depends on an input that is not named in `inputs`, or when an input and an output have one name.
 */
export function lower(graph: ProgramGraph, target: LoweringTarget, table = lowerings): LoweredProgram {
  for (const name of Object.keys(graph.outputs))
    if (name in graph.inputs) throw new ConfigError(`lower: ${name} is the name of an input and of an output`);
  const b = new GraphBuilder(target);
  const outputs = simplify(graph.outputs);
  const values = new Map<Tensor, Value>(Object.entries(graph.inputs).map(([name, tensor]) => [tensor, name]));
  for (const tensor of topological(Object.values(outputs)))
    if (!values.has(tensor)) values.set(tensor, lowerTensor(b, tensor, values, table));
  for (const [name, tensor] of Object.entries(outputs))
    b.nodes.push({
      name: `output:${name}`,
      opType: "Identity",
      input: [values.get(tensor)!],
      output: [name],
      attribute: [],
    });
  const model = encodeModel({
    irVersion: 10,
    producerName: "segkit",
    opsetImport: [...b.domains].map((domain) => ({ domain, version: domain === "" ? opset : 1 })),
    graph: {
      name: "segkit",
      node: b.nodes,
      initializer: b.initializers,
      input: Object.entries(graph.inputs).map(([name, tensor]) => valueInfo(name, tensor)),
      output: Object.entries(graph.outputs).map(([name, tensor]) => valueInfo(name, tensor)),
    },
  });
  return { model, inputs: types(graph.inputs), outputs: types(graph.outputs) };
}

function types(tensors: Readonly<Record<string, Tensor>>): Record<string, TensorType> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

function lowerTensor(
  b: GraphBuilder,
  tensor: Tensor,
  values: ReadonlyMap<Tensor, Value>,
  table: Lowerings<OpName>,
): Value {
  const { source } = tensor;
  switch (source.kind) {
    case "input":
      throw new ConfigError(`lower: input ${source.name} (${tensor}) is used by the graph but is not among its inputs`);
    case "constant":
      return b.constant(source.data, tensor.shape, tensor.dtype);
    case "call": {
      const { op, inputs, attrs } = source.call;
      // Each entry of the table takes the operands of its own operator, which the call was checked against when built.
      const lowering = table[op.type as OpName] as (b: GraphBuilder, call: Lowered<never, unknown>) => Value;
      return lowering(b, {
        inputs: inputs as never,
        values: inputs.map((x) => (x ? values.get(x)! : "")),
        attrs,
        output: tensor,
      });
    }
  }
}

function valueInfo(name: string, { shape, dtype }: TensorType): ValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType: elementTypes[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}
