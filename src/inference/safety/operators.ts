import type { SafeAttribute } from "./attribute.ts";

/** What is known of a value before it is computed. */
export interface Size {
  readonly shape: readonly number[];
  /** Its whole numbers, where it is a short list or number of them that follows from shapes alone. */
  readonly numbers?: readonly number[] | undefined;
}

/** What a node gives: the size of each of its values, and what computing them takes. */
export interface Result extends Size {
  /** Multiplications, where they are more than there are results. */
  readonly work?: number;
  /** Numbers of a buffer that the kernel needs beside its results. */
  readonly buffer?: number;
}

/** A node as its rule sees it. All of these throw a CorruptFileError where there is nothing of that kind. */
export interface Call {
  readonly count: number;
  readonly has: (i: number) => boolean;
  readonly shape: (i: number) => readonly number[];
  /** The numbers of operand i, which must follow from shapes alone. */
  readonly numbers: (i: number) => readonly number[];
  /** The same; undefined where they do not. */
  readonly known: (i: number) => readonly number[] | undefined;
  readonly attribute: (name: string) => SafeAttribute | undefined;
  readonly int: (name: string, otherwise: number) => number;
  readonly ints: (name: string) => readonly number[] | undefined;
  readonly fail: (reason: string) => never;
}

/** An operator: the attributes it may have, and the size of its results. */
export interface Operator {
  readonly attributes: readonly string[];
  readonly result: (call: Call) => Result;
}

export const product = (numbers: readonly number[]): number => numbers.reduce((all, n) => all * n, 1);

const operator = (result: Operator["result"], ...attributes: readonly string[]): Operator => ({ attributes, result });

const first = (call: Call): Result => ({ shape: call.shape(0), numbers: call.known(0) });

/** As the first operand, of which no number is known after it. */
const changed = (call: Call): Result => ({ shape: call.shape(0) });

function axisOf(call: Call, axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  return found >= 0 && found < rank ? found : call.fail(`has no axis ${axis}`);
}

/** NumPy's rule: axes from the last on, each as long as the other's, or 1. */
function broadcast(call: Call, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [n, m] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return n === m || m === 1 ? n : n === 1 ? m : call.fail(`joins [${a.join(", ")}] and [${b.join(", ")}]`);
  });
}

/** The data type int64. */
const int64 = 7;

function cast(call: Call): Result {
  // Other types do not hold every number.
  return { shape: call.shape(0), numbers: call.int("to", 0) === int64 ? call.known(0) : undefined };
}

const broadcasting = operator((call) => {
  const shapes = Array.from({ length: call.count }, (_, i) => call.shape(i));
  return { shape: shapes.reduce((a, b) => broadcast(call, a, b)) };
});

interface Windows {
  readonly pads: readonly number[];
  readonly strides: readonly number[];
  /** Rows and columns from the first to the last of a window, its holes counted. */
  readonly reach: readonly number[];
  readonly isSame: boolean;
}

/** How windows lie on pictures. */
function windowsOf(call: Call, kernel: readonly number[]): Windows {
  const pair = (name: string): readonly number[] => call.ints(name) ?? [1, 1];
  const [pads, strides, dilations] = [call.ints("pads") ?? [0, 0, 0, 0], pair("strides"), pair("dilations")];
  const reach = kernel.map((n, i) => (dilations[i] ?? 0) * (n - 1) + 1);
  const auto = call.attribute("auto_pad") ?? "NOTSET";
  const fits =
    call.shape(0).length === 4 &&
    [kernel, strides, dilations].every((each) => each.length === 2 && each.every((n) => n >= 1)) &&
    pads.length === 4 &&
    pads.every((n, i) => n >= 0 && n < reach[i % 2]!) &&
    ["NOTSET", "SAME_UPPER"].includes(auto as string);
  return fits ? { pads, strides, reach, isSame: auto === "SAME_UPPER" } : call.fail("has windows that do not fit");
}

function placesOf(call: Call, kernel: readonly number[]): number[] {
  const { pads, strides, reach, isSame } = windowsOf(call, kernel);
  const round = call.int("ceil_mode", 0) === 0 ? Math.floor : Math.ceil;
  return [0, 1].map((i) => {
    const [length, stride] = [call.shape(0)[2 + i]!, strides[i]!];
    return isSame ? Math.ceil(length / stride) : round((length + pads[i]! + pads[2 + i]! - reach[i]!) / stride) + 1;
  });
}

/** What convolutions multiply for each place and channel that they give, or take when transposed. */
const perPlace = (weight: readonly number[]): number => product(weight.slice(1));

function conv(call: Call): Result {
  const [[n], weight] = [call.shape(0), call.shape(1)];
  const places = placesOf(call, weight.slice(2));
  const shape = [n!, weight[0]!, ...places];
  const each = perPlace(weight);
  return { shape, work: product(shape) * each, buffer: each * product(places) };
}

function convTranspose(call: Call): Result {
  const [x, weight] = [call.shape(0), call.shape(1)];
  const { pads, strides, reach } = windowsOf(call, weight.slice(2));
  const added = call.ints("output_padding") ?? [0, 0];
  if (added.length !== 2 || !added.every((n, i) => n >= 0 && n < Math.max(strides[i]!, 2)))
    call.fail("has an output_padding that does not fit");
  const places = [0, 1].map((i) => strides[i]! * (x[2 + i]! - 1) + added[i]! + reach[i]! - pads[i]! - pads[2 + i]!);
  const each = perPlace(weight);
  const channels = weight[1]! * call.int("group", 1);
  return { shape: [x[0]!, channels, ...places], work: product(x) * each, buffer: each * product(x.slice(2)) };
}

function pool(call: Call): Result {
  const kernel = call.ints("kernel_shape") ?? call.fail("has no kernel_shape");
  const places = placesOf(call, kernel);
  const shape = [...call.shape(0).slice(0, 2), ...places];
  const inside = kernel.map((n, i) => Math.min(n, call.shape(0)[2 + i]!));
  return { shape, work: product(shape) * product(inside) };
}

function matmul(call: Call): Result {
  const [a, b] = [call.shape(0), call.shape(1)];
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2)) call.fail("multiplies what does not fit");
  const shape = [...broadcast(call, a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
  return { shape, work: product(shape) * a.at(-1)! };
}

function reduced(call: Call): Result {
  const shape = call.shape(0);
  const listed = call.has(1) ? call.numbers(1) : (call.ints("axes") ?? []);
  const axes = new Set(
    (listed.length > 0 ? listed : [...shape.keys()]).map((axis) => axisOf(call, axis, shape.length)),
  );
  const keeps = call.int("keepdims", 1) !== 0;
  return { shape: shape.flatMap((n, i) => (!axes.has(i) ? [n] : keeps ? [1] : [])), work: product(shape) };
}

function best(call: Call): Result {
  const shape = call.shape(0);
  const axis = axisOf(call, call.int("axis", 0), shape.length);
  const rest = call.int("keepdims", 1) === 0 ? [] : [1];
  return { shape: shape.toSpliced(axis, 1, ...rest), work: product(shape) };
}

function reshaped(call: Call): Result {
  const shape = call.shape(0);
  const asked = call
    .numbers(1)
    .map((n, i) => (n === 0 ? (shape[i] ?? call.fail("copies a size that is not there")) : n));
  const others = product(asked.filter((n) => n !== -1));
  const result = asked.map((n) => (n === -1 ? product(shape) / others : n));
  if (product(result) !== product(shape) || asked.filter((n) => n === -1).length > 1)
    call.fail(`makes [${asked.join(", ")}] of [${shape.join(", ")}]`);
  return { shape: result, numbers: call.known(0) };
}

function transposed(call: Call): Result {
  const shape = call.shape(0);
  const order = call.ints("perm") ?? [...shape.keys()].toReversed();
  if (order.toSorted((a, b) => a - b).join() !== [...shape.keys()].join()) call.fail("has a perm that does not fit");
  return { shape: order.map((axis) => shape[axis]!) };
}

function joined(call: Call): Result {
  const shapes = Array.from({ length: call.count }, (_, i) => call.shape(i));
  const shape = shapes[0] ?? call.fail("joins nothing");
  const axis = axisOf(call, call.int("axis", 0), shape.length);
  const fits = shapes.every(
    (each) => each.length === shape.length && each.every((n, i) => i === axis || n === shape[i]),
  );
  if (!fits) call.fail("joins what does not fit");
  const lists = shapes.map((_, i) => call.known(i));
  const numbers = shape.length === 1 && lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  return {
    shape: shape.with(
      axis,
      shapes.reduce((sum, each) => sum + each[axis]!, 0),
    ),
    numbers,
  };
}

function sliced(call: Call): Result {
  const [from, to] = [call.numbers(1), call.numbers(2)];
  const axes = call.has(3) ? call.numbers(3) : [...from.keys()];
  const steps = call.has(4) ? call.numbers(4) : from.map(() => 1);
  const shape = [...call.shape(0)];
  let numbers = call.known(0);
  for (const [i, each] of axes.entries()) {
    const axis = axisOf(call, each, shape.length);
    const [length, step] = [shape[axis]!, steps[i] ?? 0];
    if (step < 1 || from[i] === undefined || to[i] === undefined) call.fail("has bounds that do not fit");
    const place = (n: number): number => Math.min(Math.max(n < 0 ? n + length : n, 0), length);
    const [start, end] = [place(from[i]), place(to[i])];
    shape[axis] = Math.max(Math.ceil((end - start) / step), 0);
    if (shape.length === 1) numbers = numbers?.slice(start, end).filter((_, at) => at % step === 0);
  }
  return { shape, numbers };
}

function padded(call: Call): Result {
  const [shape, pads] = [call.shape(0), call.numbers(1)];
  if (call.count > 3 || pads.length !== 2 * shape.length || pads.some((n) => n < 0))
    call.fail("has pads that do not fit");
  return { shape: shape.map((n, i) => n + pads[i]! + pads[shape.length + i]!) };
}

function gathered(call: Call): Result {
  const [shape, indices] = [call.shape(0), call.shape(1)];
  const axis = axisOf(call, call.int("axis", 0), shape.length);
  const [from, at] = [call.known(0), call.known(1)];
  const numbers =
    shape.length === 1 && from && at ? at.map((i) => from.at(i) ?? call.fail("takes what is not there")) : undefined;
  return { shape: shape.toSpliced(axis, 1, ...indices), numbers };
}

function most(call: Call): Result {
  const [shape, [k]] = [call.shape(0), call.numbers(1)];
  const axis = axisOf(call, call.int("axis", -1), shape.length);
  return { shape: shape.with(axis, k ?? call.fail("has no number of results")), work: product(shape) };
}

function shuffled(call: Call): Result {
  const [n, c, h, w, ...more] = call.shape(0);
  const f = call.int("blocksize", 0);
  if (w === undefined || more.length > 0 || f < 1 || c! % (f * f) !== 0) call.fail("has a blocksize that does not fit");
  return { shape: [n!, c! / (f * f), h! * f, w * f] };
}

function resized(call: Call): Result {
  if (call.has(1) || call.has(2)) call.fail("resizes by scales");
  return { shape: call.numbers(3) };
}

function sizes(call: Call): Result {
  const shape = call.shape(0);
  const numbers = shape.slice(call.int("start", 0), call.int("end", shape.length));
  return { shape: [numbers.length], numbers };
}

function counted(call: Call): Result {
  const [start, end, step] = [0, 1, 2].map((i) => call.numbers(i)[0]);
  if (start === undefined || end === undefined || !step) return call.fail("has bounds that do not fit");
  return { shape: [Math.max(Math.ceil((end - start) / step), 0)] };
}

function constant(call: Call): Result {
  const value = call.attribute("value");
  return typeof value === "object" && value !== null && "shape" in value ? value : call.fail("has no tensor");
}

const windowed = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"] as const;

/**
 * The operators of ONNX's opsets 13 to 23 that an export holds, or a network of other modules may. What is not here is not run:
 * of another operator it is not known how much it makes.
 */
export const operators: Readonly<Record<string, Operator | undefined>> = {
  __proto__: null as never,
  ...each(
    ["Abs", "Exp", "Floor", "Log", "Neg", "Not", "Reciprocal", "Relu", "Sigmoid", "Sqrt", "Tanh"],
    operator(changed),
  ),
  ...each(["Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"], broadcasting),
  ...each(["Max", "Min", "Mul", "Or", "Pow", "Sub", "Where"], broadcasting),
  ...each(["ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"], operator(reduced, "axes", "keepdims")),
  ...each(["LogSoftmax", "Softmax", "DequantizeLinear", "QuantizeLinear"], operator(changed, "axis")),
  ArgMax: operator(best, "axis", "keepdims", "select_last_index"),
  AveragePool: operator(pool, ...windowed, "ceil_mode", "count_include_pad"),
  BatchNormalization: operator(changed, "epsilon"),
  Cast: operator(cast, "to"),
  Clip: operator(changed),
  Concat: operator(joined, "axis"),
  Constant: operator(constant, "value"),
  Conv: operator(conv, ...windowed, "group"),
  ConvTranspose: operator(convTranspose, "dilations", "group", "kernel_shape", "output_padding", "pads", "strides"),
  CumSum: operator(changed, "exclusive", "reverse"),
  DepthToSpace: operator(shuffled, "blocksize", "mode"),
  Expand: operator((call) => ({ shape: broadcast(call, call.shape(0), call.numbers(1)) })),
  Gather: operator(gathered, "axis"),
  GatherElements: operator((call) => ({ shape: call.shape(1) }), "axis"),
  HardSigmoid: operator(changed, "alpha", "beta"),
  Identity: operator(first),
  LeakyRelu: operator(changed, "alpha"),
  MatMul: operator(matmul),
  MaxPool: operator(pool, ...windowed, "ceil_mode", "storage_order"),
  Pad: operator(padded, "mode"),
  Range: operator(counted),
  Reshape: operator(reshaped),
  Resize: operator(resized, "coordinate_transformation_mode", "mode", "nearest_mode"),
  ScatterElements: operator(changed, "axis", "reduction"),
  Shape: operator(sizes, "end", "start"),
  Slice: operator(sliced),
  TopK: operator(most, "axis", "largest", "sorted"),
  Transpose: operator(transposed, "perm"),
};

function each(names: readonly string[], same: Operator): Record<string, Operator> {
  return Object.fromEntries(names.map((name) => [name, same]));
}
