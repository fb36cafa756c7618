import type { Value } from "./builder.ts";
import { executionOrder } from "./execution-order.ts";
import type { LoweredProgram } from "./lower.ts";
import { memoryOrder } from "./memory-order.ts";
import { graphOf, withHiddenShapes } from "./hidden-shapes.ts";
import { bytesIn, grownTo, type MemoryTarget, mostAlive } from "./peak-memory.ts";
import { type Copy, Peak } from "./recompute-copies.ts";
import { decodeModel, encodeModel, type GraphProto, type NodeProto, readsOf, renamed } from "./schema.ts";
import { valueTypes } from "./shapes.ts";

/** Rounds of copies that may bring nothing before the search ends. */
const vainRounds = 4;

/**
 * A program that takes less memory and computes the same: of what waits from one part of the program for a later one, such
 * as from the forward for the backward pass, some is given up and made again, by copies of the nodes that made it, from what
 * is still there (Chen et al. 2016, arXiv:1604.06174). It begins where the most lives at one time, with what frees the most
 * for the least work, and ends as soon as `activationBytes` is no more than `bytes`, or where giving up more saves nothing:
 * the program is then the leanest that was found.
 * @example const lean = recomputed(program, 1e9, cpuTarget);
 */
export function recomputed(program: LoweredProgram, bytes: number, target: MemoryTarget): LoweredProgram {
  const graph = graphOf(program);
  const gentle = leanest(graph, bytes, target);
  // Steps that go only as far as they must can end before those that go all the way.
  const { nodes } = gentle.bytes <= bytes ? gentle : leanest(graph, 0, target);
  if (nodes === graph.node) return program;
  const lean = { ...graph, node: [...nodes] };
  const hidden = target.ownMemory ? lean : withHiddenShapes(lean);
  return { ...program, model: encodeModel({ ...decodeModel(program.model), graph: hidden }) };
}

/** Nodes that keep to a limit, or the leanest found on the way to it, and what memory grows to with them. */
function leanest(
  graph: GraphProto,
  limit: number,
  target: MemoryTarget,
): { readonly nodes: readonly NodeProto[]; readonly bytes: number } {
  const kept = new Set(graph.output.map(({ name }) => name));
  const types = new Map(valueTypes({ graph }));
  const bytesOf = bytesIn(types);
  let nodes: readonly NodeProto[] = graph.node;
  let best = { nodes, bytes: Infinity, round: 0 };
  for (let round = 0; ; round++) {
    const order = executionOrder(nodes);
    const bytes = grownTo(order, bytesOf, kept, target);
    const most = mostAlive(order, bytesOf, kept);
    if (bytes < best.bytes) best = { nodes, bytes, round };
    if (best.bytes <= limit || round - best.round === vainRounds) return best;
    // More is held than lives; where a round brought nothing, the next one goes further.
    const excess = most.bytes * (1 - limit / bytes) * 2 ** (round - best.round);
    const copies = new Peak(order, most.at, types, kept).copies(excess, round);
    if (copies.length === 0) return best;
    for (const { names } of copies) for (const [value, name] of names) types.set(name, types.get(value)!);
    nodes = memoryOrder(living(copies.reduce(applied, nodes), kept));
  }
}

/** The nodes with a copy among them. */
function applied(nodes: readonly NodeProto[], { nodes: added, names, readers }: Copy): NodeProto[] {
  const reread = (node: NodeProto): NodeProto => {
    const { name, output } = node;
    return readers.has(name) ? { ...renamed(node, (value) => names.get(value) ?? value), name, output } : node;
  };
  return [...nodes.map(reread), ...added];
}

/** The nodes that a result needs: where all readers of a value read a copy, nobody needs it any more. */
function living(nodes: readonly NodeProto[], kept: ReadonlySet<Value>): NodeProto[] {
  const needed = new Set(kept);
  const alive = executionOrder(nodes)
    .toReversed()
    .filter((node) => {
      const used = node.output.some((value) => needed.has(value));
      if (used) for (const value of readsOf(node)) needed.add(value);
      return used;
    });
  const set = new Set(alive);
  return nodes.filter((node) => set.has(node));
}
