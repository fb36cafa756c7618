import { attribute } from "./builder.ts";
import { type NodeProto, readsOf } from "./schema.ts";

/**
 * Convolutions whose only reader is a ReLU become one com.microsoft.FusedConv, which saves a pass over the result.
 * Whatever is named in `kept` is read from outside too.
 */
export function fuseConvRelu(nodes: readonly NodeProto[], kept: ReadonlySet<string>): NodeProto[] {
  const readers = new Map<string, number>();
  for (const value of nodes.flatMap(readsOf)) readers.set(value, (readers.get(value) ?? 0) + 1);
  const convs = new Map<string, NodeProto>();
  for (const node of nodes) if (node.opType === "Conv") convs.set(node.output[0]!, node);
  const fused = new Map<NodeProto, NodeProto>();
  for (const relu of nodes) {
    const conv = relu.opType === "Relu" ? convs.get(relu.input[0]!) : undefined;
    if (!conv || readers.get(conv.output[0]!) !== 1 || kept.has(conv.output[0]!)) continue;
    const attributes = [...conv.attribute, attribute("activation", "Relu")];
    fused.set(conv, {
      ...conv,
      opType: "FusedConv",
      domain: "com.microsoft",
      attribute: attributes,
      output: relu.output,
    });
    fused.set(relu, conv);
  }
  return nodes.flatMap((node) => {
    const replacement = fused.get(node);
    if (!replacement) return [node];
    return replacement.opType === "FusedConv" ? [replacement] : [];
  });
}
