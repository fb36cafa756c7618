import type { SafeAttribute } from "./attribute.ts";
import type { SafeNode } from "./node.ts";
import { type Call, operators, product, type Result, type Size } from "./operators.ts";
import { refused } from "./refused.ts";

/** How much a network may make: beside a part that harms nobody, so much for each pixel that it sees. */
const limits = {
  /** All that its nodes give together, in numbers. */
  results: { always: 2 ** 24, perPixel: 2 ** 16 },
  /** What a kernel needs beside its results, in numbers. */
  buffer: { always: 2 ** 24, perPixel: 2 ** 13 },
  /** Multiplications. */
  work: { always: 2 ** 31, perPixel: 2 ** 24 },
} as const;

/** Numbers that are made of constants when a file is loaded: as many for each byte of it, beside some that harm nobody. */
const ofConstants = { always: 2 ** 22, perByte: 4 } as const;

/** Of the pictures that a network sees. */
const channels = 3;

/** Numbers of one value at most, as ONNX Runtime's own indices go. */
const mostElements = 2 ** 31 - 1;

/** A graph whose nodes stand in order. */
export interface SizedGraph {
  readonly nodes: readonly SafeNode[];
  /** The initializers by name. */
  readonly constants: ReadonlyMap<string, Size>;
  readonly input: string;
  /** Bytes of the file. */
  readonly bytes: number;
}

/**
 * Computes the size of every value of a network for pictures of a shape, before anything is computed: a file of a few bytes
 * can ask for any amount of memory and time. It also counts what is made of constants alone, which ONNX Runtime computes
 * when it loads a file.
 * @returns the sizes by name.
 * @throws CorruptFileError for an operator that is not known, operands that do not fit, and what is more than the limits.
 */
export function modestSizes(graph: SizedGraph, shape: readonly number[]): ReadonlyMap<string, Size> {
  const pixels = product(shape) / channels;
  const values = new Map<string, Size>(graph.constants);
  const constant = new Set(graph.constants.keys());
  values.set(graph.input, { shape });
  let [results, work, made] = [0, 0, 0];
  for (const node of graph.nodes) {
    const result = resultOf(node, values);
    const count = countOf(node, result) * node.outputs.length;
    results += count;
    work += result.work ?? 0;
    require(results, limits.results, pixels, node, "numbers are made");
    require(result.buffer ?? 0, limits.buffer, pixels, node, "numbers are held beside");
    require(work, limits.work, pixels, node, "multiplications are done");
    if (node.inputs.every((name) => name === "" || constant.has(name))) {
      made += count;
      if (made > ofConstants.always + ofConstants.perByte * graph.bytes)
        throw refused(`up to node ${node.name}, a ${node.type}, its constants become ${made} numbers`);
      for (const name of node.outputs) constant.add(name);
    }
    for (const name of node.outputs) {
      if (name === "") continue;
      if (values.has(name)) throw refused(`it makes the value ${name} twice`);
      values.set(name, result);
    }
  }
  return values;
}

function require(
  found: number,
  { always, perPixel }: { readonly always: number; readonly perPixel: number },
  pixels: number,
  { name, type }: SafeNode,
  what: string,
): void {
  const most = always + perPixel * pixels;
  if (found > most)
    throw refused(`up to node ${name}, a ${type}, ${found} ${what}, over the limit of ${most} for ${pixels} pixels`);
}

function countOf({ name, type }: SafeNode, { shape }: Size): number {
  const count = product(shape);
  const fits = shape.every((n) => Number.isSafeInteger(n) && n >= 0 && n <= mostElements) && count <= mostElements;
  if (!fits) throw refused(`node ${name}, a ${type}, gives the shape [${shape.slice(0, 16).join(", ")}]`);
  return count;
}

function resultOf(node: SafeNode, values: ReadonlyMap<string, Size>): Result {
  const fail = (reason: string): never => {
    throw refused(`node ${node.name}, a ${node.type}, ${reason}`);
  };
  const operator = operators[node.type] ?? fail("is no operator that segkit export writes");
  for (const name of node.attributes.keys())
    if (!operator.attributes.includes(name)) fail(`has the attribute ${name}, which it does not know`);
  return operator.result(callOf(node, values, fail));
}

function callOf({ inputs, attributes }: SafeNode, values: ReadonlyMap<string, Size>, fail: Call["fail"]): Call {
  const has = (i: number): boolean => (inputs[i] ?? "") !== "";
  const operand = (i: number): Size => {
    const name = inputs[i] ?? "";
    if (name === "") return fail(`has no operand ${i}`);
    return values.get(name) ?? fail(`reads ${name}, which is not there yet`);
  };
  const ofKind = <T extends SafeAttribute>(name: string, is: (value: SafeAttribute) => value is T): T | undefined => {
    const value = attributes.get(name);
    return value === undefined || is(value) ? value : fail(`has an attribute ${name} of another type`);
  };
  return {
    ...{ count: inputs.length, has, fail },
    shape: (i) => operand(i).shape,
    known: (i) => operand(i).numbers,
    numbers: (i) => operand(i).numbers ?? fail(`takes operand ${i}, which does not follow from sizes alone`),
    attribute: (name) => attributes.get(name),
    int: (name, otherwise) => ofKind(name, (value) => typeof value === "number") ?? otherwise,
    ints: (name) => ofKind(name, (value): value is readonly number[] => Array.isArray(value)),
  };
}
