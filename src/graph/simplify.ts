import { allocate, showValues } from "./dtype.ts";
import { type Call, showAttribute } from "./op.ts";
import { type OpName, ops } from "./ops/index.ts";
import { topological } from "./order.ts";
import { broadcastShapes, sameShape } from "./shape.ts";
import { constant, Tensor } from "./tensor.ts";

/** Results with more elements than this are left to the runtime: a folded constant travels with the model. */
const foldLimit = 4096;

/**
 * The same outputs with constants folded, identities dropped and equal sub-expressions shared. Inputs keep their
 * identity, so a program can be fed as before.
 * @example const { loss } = simplify({ loss: mean(mul(x, 1)) }); // one node less
 */
export function simplify<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  const replaced = new Map<Tensor, Tensor>();
  const shared = new Map<string, Tensor>();
  const ids = new Map<Tensor, number>();
  const share = (tensor: Tensor): Tensor => {
    const key = keyOf(tensor, ids);
    const known = key === undefined ? undefined : shared.get(key);
    if (known) return known;
    if (key !== undefined) shared.set(key, tensor);
    if (!ids.has(tensor)) ids.set(tensor, ids.size);
    return tensor;
  };
  for (const tensor of topological(Object.values(outputs))) {
    replaced.set(tensor, share(rebuild(tensor, replaced)));
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, replaced.get(tensor)!])) as Outputs;
}

function rebuild(tensor: Tensor, replaced: ReadonlyMap<Tensor, Tensor>): Tensor {
  if (tensor.source.kind !== "call") return tensor;
  const { op, inputs, attrs } = tensor.source.call;
  const operands = inputs.map((x) => x && replaced.get(x)!);
  const call: Call = { op, inputs: operands, attrs };
  const rule = identities[op.type as OpName];
  return fold(tensor, call) ?? rule?.(tensor, call) ?? new Tensor(tensor, { kind: "call", call });
}

/** A text that two tensors share exactly when they hold the same values. */
function keyOf({ source, shape, dtype }: Tensor, ids: ReadonlyMap<Tensor, number>): string | undefined {
  if (source.kind === "input") return undefined;
  if (source.kind === "constant")
    return source.data.length <= foldLimit ? `${dtype}[${shape}]${showValues(source.data)}` : undefined;
  const operands = source.call.inputs.map((x) => (x ? ids.get(x) : "–"));
  return `${source.call.op.type}(${operands.join()})${showAttribute(source.call.attrs)}`;
}

const scalarFunctions: Partial<Record<OpName, (...operands: number[]) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Exp: (a) => Math.exp(a),
  Log: (a) => Math.log(a),
  Sqrt: (a) => Math.sqrt(a),
  Reciprocal: (a) => 1 / a,
};

/** The value of a call on constants, where it is small and elementwise, or only moves them. */
function fold(tensor: Tensor, { op, inputs }: Call): Tensor | undefined {
  const type = op.type as OpName;
  const data = inputs.map((x) => (x?.source.kind === "constant" ? x.source.data : undefined));
  const [first] = data;
  if (!first || data.includes(undefined)) return undefined;
  if (type === "Reshape" || type === "StopGradient") return constant(first, tensor.shape, tensor.dtype);
  const compute = scalarFunctions[type];
  if (!compute || tensor.dtype !== "float32" || tensor.size > foldLimit) return undefined;
  const reads = inputs.map((x, i) => broadcastReader(data[i]! as Float32Array, x!.shape, tensor.shape));
  const result = allocate("float32", tensor.size);
  for (let i = 0; i < result.length; i++) result[i] = compute(...reads.map((read) => read(i)));
  return constant(result, tensor.shape);
}

/** Reads element i of `data` as broadcast to `target`. */
function broadcastReader(data: Float32Array, shape: readonly number[], target: readonly number[]) {
  const offset = target.length - shape.length;
  return (i: number): number => {
    let at = 0;
    let stride = 1;
    let rest = i;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const index = rest % target[axis]!;
      rest = Math.floor(rest / target[axis]!);
      const n = axis < offset ? 1 : shape[axis - offset]!;
      if (n > 1) at += index * stride;
      stride *= n;
    }
    return data[at]!;
  };
}

type Rule = (tensor: Tensor, call: Call) => Tensor | undefined;

/** Rules that replace a call by something smaller. */
const identities: Partial<Record<OpName, Rule>> = {
  StopGradient: (_, { inputs: [x] }) => x!,
  Add: (tensor, call) => neutral(tensor, call, 0, true) ?? broadcastOperands(tensor, call),
  Sub: (tensor, call) => neutral(tensor, call, 0, false) ?? broadcastOperands(tensor, call),
  Mul: (tensor, call) => neutral(tensor, call, 1, true) ?? broadcastOperands(tensor, call),
  Div: (tensor, call) => neutral(tensor, call, 1, false) ?? broadcastOperands(tensor, call),
  Neg: (_, { inputs: [x] }) => operand(x!, "Neg"),
  Reshape: (tensor, { inputs: [x] }) => {
    const inner = operand(x!, "Reshape");
    if (!inner) return undefined;
    return sameShape(inner.shape, tensor.shape) ? inner : ops.Reshape([inner], { shape: tensor.shape });
  },
};

/** The operand of x, if x is a call of `type`. */
function operand({ source }: Tensor, type: OpName): Tensor | undefined {
  return source.kind === "call" && source.call.op.type === type ? (source.call.inputs[0] ?? undefined) : undefined;
}

/** The other operand, where one is the constant that changes nothing. */
function neutral(tensor: Tensor, { inputs: [a, b] }: Call, value: number, commutes: boolean): Tensor | undefined {
  if (isFilled(b!, value) && sameShape(a!.shape, tensor.shape)) return a!;
  if (commutes && isFilled(a!, value) && sameShape(b!.shape, tensor.shape)) return b!;
  return undefined;
}

function isFilled({ source, size }: Tensor, value: number): boolean {
  return source.kind === "constant" && size <= foldLimit && source.data.every((v) => v === value);
}

/** An Expand in front of an operator that broadcasts anyway is dropped, where the result keeps its shape. */
function broadcastOperands(tensor: Tensor, { op, inputs: [a, b], attrs }: Call): Tensor | undefined {
  const [x, y] = [operand(a!, "Expand"), operand(b!, "Expand")];
  const fits = (p: Tensor, q: Tensor): boolean => sameShape(broadcastShapes(op.type, p.shape, q.shape), tensor.shape);
  const use = (p: Tensor, q: Tensor): Tensor =>
    new Tensor(tensor, { kind: "call", call: { op, inputs: [p, q], attrs } });
  if (x && fits(x, b!)) return use(x, b!);
  if (y && fits(a!, y)) return use(a!, y);
  return undefined;
}
