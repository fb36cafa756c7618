import { broadcastShapes, type Shape, sizeOf } from "../graph/shape.ts";
import type { Value } from "./builder.ts";
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "./schema.ts";

/** A value of an ONNX graph: its shape, and bytes of one element. */
export interface ValueType {
  readonly shape: Shape;
  readonly width: number;
}

/** What a rule reads of a node: its operands, the whole numbers in constant ones, and its attributes. */
interface Operands {
  readonly inputs: readonly ValueType[];
  /** The numbers of operand i; none where it is no constant of int64. */
  readonly numbers: (i: number) => readonly number[] | undefined;
  readonly int: (name: string, otherwise: number) => number;
  readonly ints: (name: string) => readonly number[] | undefined;
  /** The first result of its body, where it has one. */
  readonly body: ValueType | undefined;
}
type Rule = (node: Operands) => Shape;

/** Bytes of one element, by TensorProto.DataType. */
const widths: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8 };

const product = (numbers: readonly number[]): number => numbers.reduce((all, n) => all * n, 1);
const first: Rule = ({ inputs }) => inputs[0]!.shape;
const broadcast: Rule = ({ inputs }) =>
  inputs.map(({ shape }) => shape).reduce((a, b) => broadcastShapes("shapes", a, b));
const axisOf = (axis: number, { length }: Shape): number => (axis < 0 ? axis + length : axis);
const replaced = (shape: Shape, axis: number, by: readonly number[]): number[] =>
  shape.toSpliced(axisOf(axis, shape), 1, ...by);

/** Rows and columns that a window of `kernel` reads, its holes counted. */
function reach({ ints }: Operands, kernel: readonly number[]): number[] {
  return kernel.map((n, i) => (ints("dilations")?.[i] ?? 1) * (n - 1) + 1);
}

function windows(node: Operands, channels: number, kernel: readonly number[]): Shape {
  const { inputs, int, ints } = node;
  const [n, , ...size] = inputs[0]!.shape as [number, number, ...number[]];
  const round = int("ceil_mode", 0) ? Math.ceil : Math.floor;
  const pads = ints("pads") ?? [];
  const places = size.map((length, i) => {
    const padded = length + (pads[i] ?? 0) + (pads[size.length + i] ?? 0);
    return round((padded - reach(node, kernel)[i]!) / (ints("strides")?.[i] ?? 1)) + 1;
  });
  return [n, channels, ...places];
}

const conv: Rule = (node) => windows(node, node.inputs[1]!.shape[0]!, node.inputs[1]!.shape.slice(2));
const pool: Rule = (node) => windows(node, node.inputs[0]!.shape[1]!, node.ints("kernel_shape")!);

const convTranspose: Rule = (node) => {
  const [{ shape: x }, { shape: weight }] = node.inputs as [ValueType, ValueType];
  const pads = node.ints("pads") ?? [];
  const kernel = reach(node, weight.slice(2));
  const size = kernel.map((n, i) => {
    const spread = (node.ints("strides")?.[i] ?? 1) * (x[2 + i]! - 1) + n + (node.ints("output_padding")?.[i] ?? 0);
    return spread - (pads[i] ?? 0) - (pads[kernel.length + i] ?? 0);
  });
  return [x[0]!, weight[1]! * node.int("group", 1), ...size];
};

const matmul: Rule = ({ inputs: [a, b], int }) => {
  const turned = (shape: Shape, on: number): Shape =>
    on ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
  const [left, right] = [turned(a!.shape, int("transA", 0)), turned(b!.shape, int("transB", 0))];
  return [...broadcastShapes("shapes", left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
};

const reduce: Rule = ({ inputs: [x], numbers, int, ints }) => {
  const { shape } = x!;
  const axes = new Set((numbers(1) ?? ints("axes") ?? [...shape.keys()]).map((axis) => axisOf(axis, shape)));
  return shape.flatMap((n, i) => (!axes.has(i) ? [n] : int("keepdims", 1) ? [1] : []));
};

const reshape: Rule = ({ inputs: [x], numbers }) => {
  const known = numbers(1)!.map((n, i) => (n === 0 ? x!.shape[i]! : n));
  const rest = sizeOf(x!.shape) / product(known.filter((n) => n !== -1));
  return known.map((n) => (n === -1 ? rest : n));
};

/** Of a slice between bounds that are computed, nothing is known: none of it is counted. */
const slice: Rule = ({ inputs: [x], numbers }) => {
  const [starts, stops, steps] = [numbers(1), numbers(2), numbers(4)];
  if (!starts || !stops) return [0];
  const shape = [...x!.shape];
  for (const [i, axis] of (numbers(3) ?? [...starts.keys()]).entries()) {
    const length = shape[axis]!;
    const at = (n: number): number => Math.min(Math.max(n < 0 ? n + length : n, 0), length);
    shape[axis] = Math.max(Math.ceil((at(stops[i]!) - at(starts[i]!)) / (steps?.[i] ?? 1)), 0);
  }
  return shape;
};

/** The last state, or the results of the body one after another. */
const scan: Rule = ({ inputs, int, body }) => {
  const states = inputs.length - int("num_scan_inputs", 0);
  return states > 0 ? inputs[0]!.shape : [inputs[0]!.shape[0]!, ...body!.shape];
};

const blocks =
  (factor: (size: number) => number): Rule =>
  ({ inputs: [x], int }) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    const f = factor(int("blocksize", 1));
    return [n, c / (f * f), h * f, w * f];
  };

/** The shapes of results. An operator that is not listed is taken to give as much as its largest operand has. */
const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Where", "And", "Or", "Equal"].map((op) => [op, broadcast]),
  ),
  ...Object.fromEntries(["Greater", "GreaterOrEqual", "Less", "LessOrEqual"].map((op) => [op, broadcast])),
  ...Object.fromEntries(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"].map((op) => [op, reduce])),
  ...{ BatchNormalization: first, Clip: first, ScatterElements: first, CumSum: first, Resize: resized },
  ...{ Conv: conv, FusedConv: conv, ConvTranspose: convTranspose, MaxPool: pool, AveragePool: pool },
  ...{ MatMul: matmul, FusedMatMul: matmul, Reshape: reshape, Slice: slice, Scan: scan },
  ...{ DepthToSpace: blocks((size) => size), SpaceToDepth: blocks((size) => 1 / size) },
  ArgMax: ({ inputs: [x], int }) => replaced(x!.shape, int("axis", 0), int("keepdims", 1) ? [1] : []),
  TopK: ({ inputs: [x], numbers, int }) => replaced(x!.shape, int("axis", -1), numbers(1)!),
  Transpose: ({ inputs: [x], ints }) => ints("perm")?.map((axis) => x!.shape[axis]!) ?? x!.shape.toReversed(),
  Pad: ({ inputs: [x], numbers }) => x!.shape.map((n, i) => n + numbers(1)![i]! + numbers(1)![x!.shape.length + i]!),
  Concat: ({ inputs, int }) => {
    const { shape } = inputs[0]!;
    const axis = axisOf(int("axis", 0), shape);
    return shape.with(
      axis,
      inputs.reduce((sum, x) => sum + x.shape[axis]!, 0),
    );
  },
  Expand: ({ inputs: [x], numbers }) => broadcastShapes("shapes", x!.shape, numbers(1)!),
  Gather: ({ inputs: [x, indices], int }) => replaced(x!.shape, int("axis", 0), indices!.shape),
  ConstantOfShape: ({ numbers }) => numbers(0)!,
  GatherElements: ({ inputs }) => inputs[1]!.shape,
};

function resized({ inputs: [x], numbers }: Operands): Shape {
  return numbers(3) ?? x!.shape;
}

const largest: Rule = ({ inputs }) =>
  inputs.map(({ shape }) => shape).reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a), inputs[0]?.shape ?? []);

/** Bytes of an element of output i, where they are not those of the first operand. */
function widthOf({ opType }: NodeProto, i: number, { inputs, int, body }: Operands): number {
  if (body) return body.width;
  if (opType === "ConstantOfShape") return 4;
  if (/^(Equal|Greater|GreaterOrEqual|Less|LessOrEqual|And|Or|Not)$/.test(opType)) return 1;
  if (opType === "Cast") return widths[int("to", 1)] ?? 4;
  if (opType === "ArgMax" || (i === 1 && /^(TopK|MaxPool)$/.test(opType))) return 8;
  return (opType === "Where" ? inputs[1] : inputs[0])?.width ?? 4;
}

/**
 * Shape and width of every value of a graph whose inputs have fixed shapes and whose nodes stand in order, those inside
 * the bodies of its nodes too.
 */
export function valueTypes({ graph }: Pick<ModelProto, "graph">): ReadonlyMap<Value, ValueType> {
  const types = new Map<Value, ValueType>();
  const constants = new Map<Value, readonly number[]>();
  const add = ({ initializer, input, node: nodes }: GraphProto): void => {
    for (const { name, dims, dataType, rawData } of initializer) {
      types.set(name, { shape: dims, width: widths[dataType] ?? 4 });
      if (dataType === 7 && rawData) constants.set(name, int64s(rawData));
    }
    for (const { name, type } of input) types.set(name, typeOf(type));
    for (const node of nodes) {
      for (const { g } of node.attribute) if (g) add(g);
      const operands = operandsOf(node, types, constants);
      const shape = (rules[node.opType] ?? largest)(operands);
      for (const [i, value] of node.output.entries()) types.set(value, { shape, width: widthOf(node, i, operands) });
    }
  };
  add(graph);
  return types;
}

function typeOf({ tensorType: { elemType, shape } }: ValueInfoProto["type"]): ValueType {
  return { shape: shape.dim.map(({ dimValue }) => dimValue), width: widths[elemType] ?? 4 };
}

const none: ValueType = { shape: [], width: 4 };

function operandsOf(
  { input, attribute }: NodeProto,
  types: ReadonlyMap<Value, ValueType>,
  constants: ReadonlyMap<Value, readonly number[]>,
): Operands {
  const attributes = new Map(attribute.map((each) => [each.name, each]));
  const bodies = attribute.flatMap(({ g }) => g ?? []);
  return {
    inputs: input.map((value) => types.get(value) ?? none),
    numbers: (i) => constants.get(input[i] ?? ""),
    int: (name, otherwise) => attributes.get(name)?.i ?? otherwise,
    ints: (name) => attributes.get(name)?.ints,
    body: bodies[0] && typeOf(bodies[0].output[0]!.type),
  };
}

function int64s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}
