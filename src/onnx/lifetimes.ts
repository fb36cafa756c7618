import type { Value } from "./builder.ts";
import { type NodeProto, readsOf } from "./schema.ts";

const views = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/** Whether the result of a node is its first operand's memory. */
export const isView = ({ opType }: NodeProto): boolean => views.has(opType);

/** The node that makes a memory and the last that needs it, by their places in the order of execution. */
export interface Span {
  readonly begin: number;
  /** One past the last node where it is needed after the end. */
  readonly end: number;
}

/** What lives when. */
export interface Lifetimes {
  /** For every computed value, the one whose memory it lies in: its own, but for views. */
  readonly memory: ReadonlyMap<Value, Value>;
  /** When those are alive that have a memory of their own. */
  readonly spans: ReadonlyMap<Value, Span>;
}

/** What lives when in this order of execution; values in `kept` live to the end. */
export function lifetimes(order: readonly NodeProto[], kept: ReadonlySet<Value>): Lifetimes {
  const memory = new Map<Value, Value>();
  const spans = new Map<Value, { begin: number; end: number }>();
  for (const [i, node] of order.entries()) {
    for (const value of readsOf(node)) {
      const span = spans.get(memory.get(value) ?? "");
      if (span) span.end = i;
    }
    for (const value of node.output) {
      if (value === "") continue;
      const viewed = isView(node) ? memory.get(node.input[0]!) : undefined;
      memory.set(value, viewed ?? value);
      if (viewed === undefined) spans.set(value, { begin: i, end: i });
    }
  }
  for (const value of kept) {
    const span = spans.get(memory.get(value) ?? "");
    if (span) span.end = order.length;
  }
  return { memory, spans };
}
