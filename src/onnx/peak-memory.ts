import { sizeOf } from "../graph/shape.ts";
import type { Value } from "./builder.ts";
import { executionOrder } from "./execution-order.ts";
import type { LoweredProgram } from "./lower.ts";
import { decodeModel, type NodeProto, readsOf } from "./schema.ts";
import { valueTypes } from "./shapes.ts";

/**
 * How much more ONNX Runtime's arena takes than lives in it: chunks of two sizes do not fill one another. Measured on
 * training steps of the ResNet-34 U-Net from 2×96×128 to 4×192×256: 1.5 to 1.6.
 */
const arenaSlack = 1.6;

/** Nodes whose result is their first operand's memory. */
const views = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/**
 * Bytes that running a program takes beside its inputs: the most that lives at one time in the order of execution, the
 * outputs to its end, times what the arena loses between its chunks. Memory that kernels use inside is not counted.
 */
export function activationBytes(program: LoweredProgram): number {
  const { graph } = decodeModel(program.model);
  const types = valueTypes({ graph });
  const order = executionOrder(graph.node);
  const bytesOf = (value: Value): number => {
    const { shape, width } = types.get(value)!;
    return sizeOf(shape) * width;
  };
  return Math.round(arenaSlack * mostAlive(order, bytesOf, new Set(graph.output.map(({ name }) => name))));
}

/** The most bytes that are alive while a node runs; those in `kept` live to the end. */
export function mostAlive(
  order: readonly NodeProto[],
  bytesOf: (value: Value) => number,
  kept: ReadonlySet<Value>,
): number {
  const memory = memoryOf(order);
  const ends = lastUses(order, memory, kept);
  let [alive, most] = [0, 0];
  for (const [i, { output }] of order.entries()) {
    for (const value of output) if (memory.get(value) === value) alive += bytesOf(value);
    most = Math.max(most, alive);
    for (const value of ends[i]!) alive -= bytesOf(value);
  }
  return most;
}

/** The value whose memory each computed value lies in: its own, but for views. */
function memoryOf(order: readonly NodeProto[]): ReadonlyMap<Value, Value> {
  const memory = new Map<Value, Value>();
  for (const { opType, input, output } of order)
    for (const value of output) {
      const viewed = views.has(opType) ? memory.get(input[0]!) : undefined;
      if (value !== "") memory.set(value, viewed ?? value);
    }
  return memory;
}

/** For each node, the values that nothing reads after it. */
function lastUses(
  order: readonly NodeProto[],
  memory: ReadonlyMap<Value, Value>,
  kept: ReadonlySet<Value>,
): readonly Value[][] {
  const last = new Map<Value, number>();
  for (const [i, node] of order.entries())
    for (const value of [...readsOf(node), ...node.output]) {
      const own = memory.get(value);
      if (own !== undefined) last.set(own, i);
    }
  for (const value of kept) last.delete(memory.get(value) ?? "");
  const ends: Value[][] = order.map(() => []);
  for (const [value, i] of last) ends[i]!.push(value);
  return ends;
}
