import { attribute, elementTypes } from "../onnx/builder.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/schema.ts";
import { nodeOf } from "./ends.ts";
import { logitsName } from "./network.ts";

/** int8 among the TensorProto.DataTypes. */
const int8 = 3;

/** The least and the greatest number that a value was seen to hold. */
export type Range = readonly [least: number, greatest: number];

/** Operators that are computed with 8 bits. */
const computed = new Set(["Conv", "Add", "Mul", "Concat", "AveragePool", "MaxPool", "DepthToSpace", "Slice", "Pad"]);

/** Of them, those that only pick numbers: what they give needs no steps of its own. */
const picking = new Set(["MaxPool", "DepthToSpace", "Slice", "Pad"]);

/** Activations that become part of the convolution before them. */
const fused = new Set(["Relu", "Clip"]);

/**
 * The values of a network that are to be held in 8 bits: what quantised operators read and give. The logits are not, for
 * classes are told apart by less than a step of 1 / 256; nor is what only an activation reads.
 */
export function quantisedValues({ node, initializer }: GraphProto): string[] {
  const constants = new Set(initializer.map(({ name }) => name));
  const readers = readersOf(node);
  const values = node
    .filter(isQuantised)
    .flatMap(({ opType, input, output }) => [
      ...(opType === "Slice" || opType === "Pad" ? input.slice(0, 1) : input),
      ...output.filter((value) => !(readers.get(value) ?? []).every(({ opType: reader }) => fused.has(reader))),
      ...output.flatMap((value) =>
        (readers.get(value) ?? []).flatMap((each) => (fused.has(each.opType) ? each.output : [])),
      ),
    ]);
  return [...new Set(values)].filter((value) => value !== "" && value !== logitsName && !constants.has(value));
}

function isQuantised({ opType, output }: NodeProto): boolean {
  return computed.has(opType) && !output.includes(logitsName);
}

function readersOf(nodes: readonly NodeProto[]): ReadonlyMap<string, NodeProto[]> {
  const readers = new Map<string, NodeProto[]>();
  for (const node of nodes) for (const value of node.input) readers.set(value, [...(readers.get(value) ?? []), node]);
  return readers;
}

/**
 * The network with its values and weights in 8 bits, as pairs of QuantizeLinear and DequantizeLinear that runtimes fuse with
 * what lies between (QDQ; Jacob et al. 2018, arXiv:1712.05877). Values: uint8 from their range, zero exactly. Weights: int8
 * for each output channel, of 7 bits, because the 8-bit products of processors without VNNI overflow 16 bits: so every
 * machine computes the same. The convolution that gives the logits stays as it is.
 */
export function quantised(graph: GraphProto, ranges: ReadonlyMap<string, Range>): GraphProto {
  const steps = stepsOf(graph, ranges);
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const added = new Map<string, TensorProto>();
  const add = (tensor: TensorProto): string => {
    added.set(tensor.name, tensor);
    return tensor.name;
  };
  const read = (value: string): string => (steps.has(value) ? `${value}_dequantized` : value);
  const pair = (value: string): NodeProto[] => {
    const step = steps.get(value);
    if (!step) return [];
    const [scale, zero] = [
      add(floats(`${value}_scale`, [], [step.scale])),
      add({ name: `${value}_zero_point`, dims: [], dataType: elementTypes.uint8, rawData: Uint8Array.of(step.zero) }),
    ];
    return [
      nodeOf("QuantizeLinear", `${value}_quantize`, [value, scale, zero], [`${value}_quantized`]),
      nodeOf("DequantizeLinear", `${value}_dequantize`, [`${value}_quantized`, scale, zero], [read(value)]),
    ];
  };
  const pictures = graph.input.flatMap(({ name }) => pair(name));
  const node = graph.node.flatMap((each): NodeProto[] => {
    // A size is read from the value itself: it is there either way.
    const reading = each.opType === "Shape" ? each : { ...each, input: each.input.map(read) };
    const step = each.opType === "Conv" && isQuantised(each) ? steps.get(each.input[0]!) : undefined;
    const whole = step ? quantisedConv(reading, step.scale, constants, add) : [reading];
    return [...whole, ...each.output.flatMap(pair)];
  });
  return { ...graph, initializer: [...graph.initializer, ...added.values()], node: [...pictures, ...node] };
}

interface Step {
  readonly scale: number;
  readonly zero: number;
}

/** The steps of every value; what is only picked from a value has its steps. */
function stepsOf({ node }: GraphProto, ranges: ReadonlyMap<string, Range>): ReadonlyMap<string, Step> {
  const steps = new Map([...ranges].map(([value, range]) => [value, stepOf(range)]));
  for (const { opType, input, output } of node) {
    const from = steps.get(input[0]!);
    if (picking.has(opType) && from && steps.has(output[0]!)) steps.set(output[0]!, from);
  }
  return steps;
}

/** 256 steps from the least to the greatest number, one of them 0. */
function stepOf([least, greatest]: Range): Step {
  const [low, high] = [Math.min(least, 0), Math.max(greatest, 0)];
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.round(-low / scale) };
}

/** A convolution with weights of 7 bits for each output channel, and a bias of 32 bits. */
function quantisedConv(
  conv: NodeProto,
  inputScale: number,
  constants: ReadonlyMap<string, TensorProto>,
  add: (tensor: TensorProto) => string,
): NodeProto[] {
  const [x, weight, bias] = conv.input as [string, string, string?];
  const { dims, rawData } = constants.get(weight)!;
  const [values, channels] = [floatsOf(rawData), dims[0]!];
  const each = values.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, k) => {
    const most = values.subarray(k * each, (k + 1) * each).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    return most / 64 || 1;
  });
  const rounded = Int8Array.from(values, (value, i) => Math.round(value / scales[Math.floor(i / each)]!));
  const inputs = [
    add({ name: `${weight}_quantized`, dims, dataType: int8, rawData: new Uint8Array(rounded.buffer) }),
    add(floats(`${weight}_scale`, [channels], scales)),
    add({ name: `${weight}_zero_point`, dims: [channels], dataType: int8, rawData: new Uint8Array(channels) }),
  ];
  const axis = { axis: 0 };
  const nodes = [nodeOf("DequantizeLinear", `${weight}_dequantize`, inputs, [`${weight}_dequantized`], axis)];
  const operands = [x, `${weight}_dequantized`];
  if (bias !== undefined) {
    // Two convolutions that share a bias still have steps of their own.
    const name = `${conv.name}_bias`;
    const biasScales = scales.map((scale) => scale * inputScale);
    const wide = Int32Array.from(floatsOf(constants.get(bias)!.rawData), (value, k) =>
      Math.round(value / biasScales[k]!),
    );
    const parts = [
      add({ name: `${name}_quantized`, dims: [channels], dataType: elementTypes.int32, rawData: bytesOf(wide) }),
      add(floats(`${name}_scale`, [channels], biasScales)),
    ];
    nodes.push(nodeOf("DequantizeLinear", `${name}_dequantize`, parts, [name], axis));
    operands.push(name);
  }
  return [...nodes, { ...conv, input: operands }];
}

/** The network with the least and the greatest number of values beside the logits, named by `rangeNames`. */
export function observed(graph: GraphProto, values: readonly string[]): GraphProto {
  const extremes = values.flatMap((value) => {
    const names = rangeNames(value);
    return [nodeOf("ReduceMin", names[0], [value], [names[0]]), nodeOf("ReduceMax", names[1], [value], [names[1]])];
  });
  const node = extremes.map((each) => ({ ...each, attribute: [attribute("keepdims", 0)] }));
  const output = node.map(({ name }) => ({
    name,
    type: { tensorType: { elemType: elementTypes.float32, shape: { dim: [] } } },
  }));
  return { ...graph, node: [...graph.node, ...node], output };
}

/** The names of a value's least and greatest number. */
export function rangeNames(value: string): readonly [string, string] {
  return [`${value}_least`, `${value}_greatest`];
}

function floats(name: string, dims: readonly number[], values: ArrayLike<number>): TensorProto {
  return { name, dims, dataType: elementTypes.float32, rawData: bytesOf(Float32Array.from(values)) };
}

function floatsOf(bytes: Uint8Array | undefined): Float32Array {
  return new Float32Array(Uint8Array.from(bytes!).buffer);
}

function bytesOf(values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(values.buffer);
}
