import { sizeOf } from "../graph/shape.ts";
import type { Value } from "./builder.ts";
import { isView } from "./lifetimes.ts";
import type { NodeProto } from "./schema.ts";
import type { ValueType } from "./shapes.ts";

/** Floating-point operations that take as long as reading or writing a byte. */
const operationsOfByte = 12;

const picks = new Set(["Slice", "Gather"]);

type Types = ReadonlyMap<Value, ValueType>;

/**
 * How long a node takes, in bytes that could be read or written meanwhile: those of its operands and results, and the
 * multiplications and additions of products. Good enough to tell a cheap node from a dear one.
 */
export function workOf(node: NodeProto, types: Types): number {
  if (isView(node)) return 0;
  const body = node.attribute.find(({ g }) => g)?.g;
  if (body) {
    const [turns = 1] = shapeOf(types, node.input.at(-1));
    return turns * body.node.reduce((sum, inner) => sum + workOf(inner, types), 0);
  }
  // What picks from its operand reads no more than it writes.
  const moved = picks.has(node.opType) ? [...node.output, ...node.output] : [...node.input, ...node.output];
  const bytes = moved.reduce((sum, value) => sum + bytesOf(types.get(value)), 0);
  return bytes + (2 * (terms[node.opType]?.(node, types) ?? 0)) / operationsOfByte;
}

const shapeOf = (types: Types, value: Value | undefined): readonly number[] => types.get(value ?? "")?.shape ?? [];

function bytesOf(type: ValueType | undefined): number {
  return type ? sizeOf(type.shape) * type.width : 0;
}

type Terms = (node: NodeProto, types: Types) => number;

/** Each result of a convolution sums over a filter; each element of a transposed one's input is spread by one. */
const filtered =
  (each: (node: NodeProto) => Value): Terms =>
  (node, types) =>
    sizeOf(shapeOf(types, each(node))) * sizeOf(shapeOf(types, node.input[1]).slice(1));
const convolved = filtered(({ output }) => output[0]!);

const multiplied: Terms = ({ input, output, attribute }, types) => {
  const turned = attribute.some(({ name, i }) => name === "transA" && i === 1);
  return sizeOf(shapeOf(types, output[0])) * (shapeOf(types, input[0]).at(turned ? -2 : -1) ?? 1);
};

/** How many terms the sums of a product have together. */
const terms: Readonly<Record<string, Terms>> = {
  Conv: convolved,
  FusedConv: convolved,
  ConvTranspose: filtered(({ input }) => input[0]!),
  MatMul: multiplied,
  FusedMatMul: multiplied,
};
