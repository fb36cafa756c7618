import { sizeOf } from "../graph/shape.ts";
import { type Allocator, Arena } from "./arena.ts";
import { BufferCache } from "./buffer-cache.ts";
import type { Value } from "./builder.ts";
import { executionOrder } from "./execution-order.ts";
import { graphOf } from "./hidden-shapes.ts";
import { lifetimes } from "./lifetimes.ts";
import type { LoweredProgram } from "./lower.ts";
import type { NodeProto } from "./schema.ts";
import type { LoweringTarget } from "./target.ts";
import { type ValueType, valueTypes } from "./shapes.ts";

/**
 * What kernels use inside, beside the arena's simulated growth. Measured on training steps of the ResNet-34 U-Net from
 * 2×96×128 to 2×360×480: 9 to 16 %.
 */
const kernelShare = 1.12;

/** Bytes of a value. */
export type BytesOf = (value: Value) => number;

/** What a target says of memory. */
export type MemoryTarget = Pick<LoweringTarget, "ownMemory" | "resultsInPlace">;

/**
 * Bytes that running a program takes beside its inputs, its outputs among them: what ONNX Runtime's arena, or its buffers on
 * a GPU, grow to when values are made and thrown away in the order of execution.
 */
export function activationBytes(program: LoweredProgram, target: MemoryTarget): number {
  const graph = graphOf(program);
  const kept = new Set(graph.output.map(({ name }) => name));
  return grownTo(executionOrder(graph.node), bytesIn(valueTypes({ graph })), kept, target);
}

/** Bytes of values by their types. */
export function bytesIn(types: ReadonlyMap<Value, ValueType>): BytesOf {
  return (value) => {
    const { shape, width } = types.get(value)!;
    return sizeOf(shape) * width;
  };
}

/** What memory grows to while nodes run in this order; values in `kept` live to the end, or beside all the time. */
export function grownTo(
  order: readonly NodeProto[],
  bytesOf: BytesOf,
  kept: ReadonlySet<Value>,
  { ownMemory, resultsInPlace }: MemoryTarget,
): number {
  if (ownMemory) return run(new BufferCache(), order, bytesOf, kept).touched;
  const beside = resultsInPlace ? kept : new Set<Value>();
  const inArena = (value: Value): number => (beside.has(value) ? 0 : bytesOf(value));
  const { touched } = run(new Arena(), order, inArena, resultsInPlace ? new Set() : kept);
  return [...beside].reduce((sum, value) => sum + bytesOf(value), Math.round(kernelShare * touched));
}

/** Makes and throws away the values of nodes, all but those that are kept. */
function run<Place>(
  memory: Allocator<Place>,
  order: readonly NodeProto[],
  bytesOf: BytesOf,
  kept: ReadonlySet<Value>,
): Allocator<Place> {
  const { spans } = lifetimes(order, kept);
  const ends: Value[][] = order.map(() => []);
  for (const [value, { end }] of spans) ends[end]?.push(value);
  const places = new Map<Value, Place>();
  for (const [i, node] of order.entries()) {
    for (const value of node.output) if (spans.has(value)) places.set(value, memory.allocate(bytesOf(value)));
    // One turn of a body needs what every turn does.
    for (const { g: body } of node.attribute) if (body) run(memory, executionOrder(body.node), bytesOf, new Set());
    for (const value of ends[i]!) memory.release(places.get(value)!);
  }
  return memory;
}

/** The most bytes that are alive while a node runs, and the first node at which; those in `kept` live to the end. */
export function mostAlive(
  order: readonly NodeProto[],
  bytesOf: BytesOf,
  kept: ReadonlySet<Value>,
): { readonly bytes: number; readonly at: number } {
  const change = new Float64Array(order.length + 1);
  for (const [value, { begin, end }] of lifetimes(order, kept).spans) {
    const bytes = bytesOf(value);
    change[begin]! += bytes;
    if (end < order.length) change[end + 1]! -= bytes;
  }
  let [alive, most] = [0, { bytes: 0, at: 0 }];
  for (const at of order.keys()) {
    alive += change[at]!;
    if (alive > most.bytes) most = { bytes: alive, at };
  }
  return most;
}
