import { type DType, showValues, type TensorData } from "../graph/dtype.ts";
import { type Shape, sizeOf } from "../graph/shape.ts";
import type { TensorType } from "../graph/tensor.ts";
import { encodeUtf8 } from "../util/utf8.ts";
import type { LoweringTarget } from "./target.ts";
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./schema.ts";

/** TensorProto.DataType of the ONNX specification. */
export const elementTypes: Record<DType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

/** float16 among the TensorProto.DataTypes; no tensor of a graph has it, only what is between the nodes of a lowering. */
const float16 = 10;

/** AttributeProto.AttributeType of the ONNX specification. */
const attributeTypes = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;

/** A node attribute: whole numbers are written as ints unless wrapped by `float`. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: GraphProto };

/** The name of a value inside an ONNX graph. */
export type Value = string;

/** What a Scan goes through. */
export interface Scan {
  /** Carried from one turn to the next: how they begin. */
  readonly states?: readonly TypedValue[];
  /** One element along the first axis in each turn: all of them, and the type of an element. */
  readonly elements: readonly TypedValue[];
  /** Stacked along a new first axis. */
  readonly results?: readonly TensorType[];
  /** The nodes of one turn: from the states and the elements to the next states and the results. */
  readonly body: (values: readonly Value[]) => readonly Value[];
}
export interface TypedValue extends TensorType {
  readonly value: Value;
}

/** Collects the nodes and initializers of an ONNX graph. */
export class GraphBuilder {
  readonly target: LoweringTarget;
  readonly initializers: TensorProto[] = [];
  readonly #constants = new Map<string, Value>();
  #nodes: NodeProto[] = [];
  #halves = new Map<Value, Value>();
  #inHalf = false;
  #values = 0;

  constructor(target: LoweringTarget) {
    this.target = target;
  }

  get nodes(): readonly NodeProto[] {
    return this.#nodes;
  }

  /** Adds a node and returns the name of its first output. An empty input name leaves an optional input out. */
  node(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = "",
  ): Value {
    const output = this.fresh();
    this.#nodes.push({
      name: output,
      opType,
      domain,
      input: withoutTail(inputs),
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  /** Gives an existing node one more output. */
  extraOutput(value: Value): Value {
    const node = this.#nodes.find(({ output }) => output[0] === value);
    if (!node) throw new Error(`internal: no node makes ${value}`);
    const output = node.output[1] ?? this.fresh();
    node.output[1] = output;
    return output;
  }

  /** ONNX's Scan, a node with a body that is run again and again: the last state, or else the stacked results. */
  scan({ states = [], elements, results = [], body }: Scan): Value {
    const inputs = [...states, ...elements].map((typed) => ({ ...typed, value: this.fresh() }));
    const [nodes, halves] = [this.#nodes, this.#halves];
    [this.#nodes, this.#halves] = [[], new Map(halves)];
    const values = body(inputs.map(({ value }) => value));
    const node = this.#nodes;
    [this.#nodes, this.#halves] = [nodes, halves];
    const types = [...states, ...results];
    const graph: GraphProto = {
      name: "body",
      node,
      initializer: [],
      input: inputs.map((input) => valueInfo(input.value, input)),
      output: values.map((value, i) => valueInfo(value, types[i]!)),
    };
    const operands = [...states, ...elements].map(({ value }) => value);
    return this.node("Scan", operands, { num_scan_inputs: elements.length, body: { graph } });
  }

  /** A constant that is made once for all that ask for it by this name. */
  shared(name: string, make: () => Value): Value {
    const value = this.#constants.get(name) ?? make();
    this.#constants.set(name, value);
    return value;
  }

  /** A constant value; small ones with equal contents are shared. */
  constant(data: TensorData, shape: Shape, dtype: DType): Value {
    const value = this.#initializer(data, shape, dtype);
    return this.#inHalf && dtype === "float32" ? this.half(value) : value;
  }

  /** Emits nodes whose float32 constants become float16. */
  inHalf(emit: () => Value): Value {
    this.#inHalf = true;
    const value = emit();
    this.#inHalf = false;
    return value;
  }

  /** A float32 value as float16; one node for all uses. */
  half(x: Value): Value {
    const known = this.#halves.get(x) ?? this.node("Cast", [x], { to: float16 });
    this.#halves.set(x, known);
    return known;
  }

  #initializer(data: TensorData, shape: Shape, dtype: DType): Value {
    const key = data.length <= 64 ? `${dtype}[${shape}]${showValues(data)}` : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = this.fresh();
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dims: shape, dataType: elementTypes[dtype], rawData });
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  /** An int64 list, as ONNX wants for shapes, axes and ranges. */
  ints(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  /** A float32 scalar. */
  float(value: number): Value {
    return this.constant(Float32Array.of(value), [], "float32");
  }

  /** A float32 tensor with every element equal. */
  filled(shape: Shape, value: number): Value {
    return this.constant(new Float32Array(sizeOf(shape)).fill(value), shape, "float32");
  }

  cast(x: Value, to: DType): Value {
    return this.node("Cast", [x], { to: elementTypes[to] });
  }

  reshape(x: Value, shape: Shape): Value {
    return this.node("Reshape", [x, this.ints(shape)]);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.node("Transpose", [x], { perm });
  }

  /** Elements starts … ends of the given axes. */
  slice(x: Value, ranges: readonly { axis: number; start: number; stop: number; step?: number }[]): Value {
    return this.node("Slice", [
      x,
      this.ints(ranges.map((r) => r.start)),
      this.ints(ranges.map((r) => r.stop)),
      this.ints(ranges.map((r) => r.axis)),
      this.ints(ranges.map((r) => r.step ?? 1)),
    ]);
  }

  pad(x: Value, padding: readonly (readonly [number, number])[], value = 0): Value {
    if (padding.every(([before, after]) => before === 0 && after === 0)) return x;
    const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
    return this.node("Pad", [x, this.ints(pads), this.float(value)], { mode: "constant" });
  }

  fresh(): Value {
    return `%${this.#values++}`;
  }
}

/** Inputs without those left out at the end, which the WebGPU kernels would read. */
function withoutTail(inputs: readonly Value[]): Value[] {
  return inputs.slice(0, inputs.findLastIndex((value) => value !== "") + 1);
}

/** A node attribute as ONNX writes it. */
export function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number") return { name, type: attributeTypes.int, i: value };
  if (typeof value === "string") return { name, type: attributeTypes.string, s: encodeUtf8(value) };
  if ("graph" in value) return { name, type: attributeTypes.graph, g: value.graph };
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

/** Name and type of a graph's input or output as ONNX writes them. */
export function valueInfo(name: Value, { shape, dtype }: TensorType): ValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType: elementTypes[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}
