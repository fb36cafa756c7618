import { type NodeProto, readsOf } from "./schema.ts";

/**
 * The order in which ONNX Runtime runs nodes: depth first from the nodes that nothing reads, the last of them first, and
 * of a node's operands those made last first (`GraphViewer`'s default order).
 */
export function executionOrder(nodes: readonly NodeProto[]): NodeProto[] {
  const position = new Map(nodes.map((node, i) => [node, i]));
  const maker = new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const operands = (node: NodeProto): NodeProto[] =>
    [...new Set(readsOf(node).flatMap((value) => maker.get(value) ?? []))].toSorted(
      (a, b) => position.get(a)! - position.get(b)!,
    );
  const read = new Set(nodes.flatMap(operands));
  const order: NodeProto[] = [];
  const seen = new Set<NodeProto>();
  const stack = nodes.filter((node) => !read.has(node)).map((node) => ({ node, entered: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, entered } = top;
    if (entered) order.push(node);
    else if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, entered: true });
      for (const operand of operands(node)) if (!seen.has(operand)) stack.push({ node: operand, entered: false });
    }
  }
  return order;
}
