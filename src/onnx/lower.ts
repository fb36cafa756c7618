import type { OpName } from "../graph/ops/index.ts";
import { topological } from "../graph/order.ts";
import { simplify } from "../graph/simplify.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import { GraphBuilder, type Value, valueInfo } from "./builder.ts";
import { type ConstantFiles, constantsApart } from "./constants-apart.ts";
import { convLowerings } from "./lowering/conv.ts";
import { elementwiseLowerings } from "./lowering/elementwise.ts";
import { halfLowerings } from "./lowering/half.ts";
import type { Lowered, Lowerings } from "./lowering/lowering.ts";
import { matmulLowerings } from "./lowering/matmul.ts";
import { movementLowerings } from "./lowering/movement.ts";
import { reduceLowerings } from "./lowering/reduce.ts";
import { sortLowerings } from "./lowering/sort.ts";
import { spatialLowerings } from "./lowering/spatial.ts";
import { fuseConvRelu } from "./fuse.ts";
import { withHiddenShapes } from "./hidden-shapes.ts";
import { memoryOrder } from "./memory-order.ts";
import { encodeModel, type GraphProto, type NodeProto, renamed } from "./schema.ts";
import type { LoweringTarget } from "./target.ts";

/** The lowering of every operator. */
export const lowerings: Lowerings<OpName> = {
  ...elementwiseLowerings,
  ...reduceLowerings,
  ...matmulLowerings,
  ...movementLowerings,
  ...sortLowerings,
  ...convLowerings,
  ...spatialLowerings,
};

const withHalf: typeof lowerings = { ...lowerings, ...halfLowerings };

/** A graph to run: its inputs and outputs by name. */
export interface ProgramGraph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Given where weights are constants: which layout the runtime may bring them into when it loads the program. */
  readonly weightLayout?: WeightLayout;
}

/** The order in memory that operators of ONNX ask for, or blocks of channels that suit the processor. */
export type WeightLayout = "plain" | "blocked";

/** A program as plain data: what `lower` makes, a file or a message can carry, and a runtime loads. */
export interface LoweredProgram {
  readonly model: Uint8Array;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** Large constants, which the model itself does not hold, where weights are constants. */
  readonly constants?: { readonly files: ConstantFiles; readonly layout: WeightLayout };
}

/** The ONNX opset that lowerings write. */
export const opset = 18;

/**
 * A graph as an ONNX model for one target, each operator by its entry of `table`. Throws a ConfigError when an output
 * depends on an input that is not named in `inputs`, or when an input and an output have one name.
 */
export function lower(
  graph: ProgramGraph,
  target: LoweringTarget,
  table = target.half ? withHalf : lowerings,
): LoweredProgram {
  for (const name of Object.keys(graph.outputs))
    if (name in graph.inputs) throw new ConfigError(`lower: ${name} is the name of an input and of an output`);
  const b = new GraphBuilder(target);
  const { optimizations } = target;
  const outputs = optimizations.simplify ? simplify(graph.outputs) : graph.outputs;
  const values = new Map<Tensor, Value>(Object.entries(graph.inputs).map(([name, tensor]) => [tensor, name]));
  for (const tensor of topological(Object.values(outputs)))
    if (!values.has(tensor)) values.set(tensor, lowerTensor(b, tensor, values, table));
  const results = Object.entries(outputs).map(([name, tensor]): [string, Value] => [name, values.get(tensor)!]);
  const fuses = target.fusedConv && optimizations.fusedConv;
  const nodes = fuses ? fuseConvRelu(b.nodes, new Set(results.map(([, value]) => value))) : b.nodes;
  const named = nameResults(nodes, results);
  const domains = new Set(["", ...named.map(({ domain }) => domain ?? "")]);
  const layout = graph.weightLayout;
  const { initializer, files } = layout ? constantsApart(b.initializers) : { initializer: b.initializers, files: {} };
  const shown: GraphProto = {
    name: "segkit",
    node: optimizations.memoryOrder ? memoryOrder(named) : named,
    initializer,
    input: Object.entries(graph.inputs).map(([name, tensor]) => valueInfo(name, tensor)),
    output: Object.entries(graph.outputs).map(([name, tensor]) => valueInfo(name, tensor)),
  };
  const model = encodeModel({
    irVersion: 10,
    producerName: "segkit",
    opsetImport: [...domains].map((domain) => ({ domain, version: domain === "" ? opset : 1 })),
    // Where weights are constants, the runtime needs the shapes to bring them into other layouts.
    graph: optimizations.hiddenShapes && !layout ? withHiddenShapes(shown) : shown,
  });
  const constants = layout && { files, layout };
  return { model, inputs: types(graph.inputs), outputs: types(graph.outputs), ...(constants && { constants }) };
}

/** Gives each result its name: the node that makes it is told, or an Identity copies a value that has a name already. */
function nameResults(
  nodes: readonly NodeProto[],
  results: readonly (readonly [name: string, value: Value])[],
): NodeProto[] {
  const made = new Set(nodes.flatMap(({ output }) => output));
  const names = new Map<Value, string>();
  const copies: NodeProto[] = [];
  for (const [name, value] of results) {
    if (made.has(value) && !names.has(value)) names.set(value, name);
    else copies.push({ name: `output:${name}`, opType: "Identity", input: [value], output: [name], attribute: [] });
  }
  return [...nodes, ...copies].map((node) => renamed(node, (value) => names.get(value) ?? value));
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
