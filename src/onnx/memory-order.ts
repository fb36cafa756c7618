import type { Value } from "./builder.ts";
import { executionOrder } from "./execution-order.ts";
import { type NodeProto, readsOf } from "./schema.ts";

/**
 * The nodes in an order that makes ONNX Runtime (see `executionOrder`) free memory early. It starts at the last node that
 * nothing reads and takes of each node's operands the one listed last first. So what is nothing but a result is listed at
 * the end, the first one to be ready last; the rest by its distance from the inputs: then a gradient, which hangs on the
 * whole network, is made before the mask or the copy of an activation that is needed only to multiply it.
 */
export function memoryOrder(nodes: readonly NodeProto[]): NodeProto[] {
  const read = new Set(nodes.flatMap(readsOf));
  const distance = distances(nodes);
  const isResult = ({ output }: NodeProto): boolean => output.every((value) => !read.has(value));
  const near = (a: NodeProto, b: NodeProto): number => distance.get(a)! - distance.get(b)!;
  return [
    ...nodes.filter((node) => !isResult(node)).toSorted(near),
    ...nodes.filter(isResult).toSorted((a, b) => near(b, a)),
  ];
}

/** For each node, wherever it is listed, the longest way to it from an input, in nodes. */
function distances(nodes: readonly NodeProto[]): ReadonlyMap<NodeProto, number> {
  const ofValue = new Map<Value, number>();
  const ofNode = new Map<NodeProto, number>();
  for (const node of executionOrder(nodes)) {
    const distance = 1 + Math.max(0, ...readsOf(node).map((value) => ofValue.get(value) ?? 0));
    ofNode.set(node, distance);
    for (const value of node.output) ofValue.set(value, distance);
  }
  return ofNode;
}
