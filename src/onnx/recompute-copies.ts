import type { Value } from "./builder.ts";
import { type Lifetimes, lifetimes } from "./lifetimes.ts";
import { bytesIn } from "./peak-memory.ts";
import { type NodeProto, readsOf, renamed } from "./schema.ts";
import type { ValueType } from "./shapes.ts";
import { workOf } from "./work.ts";

/** Nodes that make a value again for those that read it later. */
export interface Copy {
  readonly nodes: readonly NodeProto[];
  /** What is made again, by its name before. */
  readonly names: ReadonlyMap<Value, Value>;
  /** The names of the nodes that read the copy. */
  readonly readers: ReadonlySet<string>;
}

interface Candidate extends Copy {
  /** The memory that is given up. */
  readonly memory: Value;
  readonly bytes: number;
  /** See `workOf`. */
  readonly work: number;
  /** The memories that it is made from. */
  readonly needs: ReadonlySet<Value>;
}

/** Bytes that are freed for their work. */
const gainOf = ({ bytes, work }: Candidate): number => bytes / work;

/** Copies that free so many times less for their work than the best wait for the next peak, where there may be better. */
const widest = 4;

/** Smaller values are not worth a copy. */
const leastBytes = 2 ** 16;

/** Who reads a memory after the peak. */
interface Later {
  /** The place of the first of them. */
  readonly first: number;
  readonly readers: Set<string>;
  /** The values that they know it as. */
  readonly values: Set<Value>;
}

/** The moment of a program at which the most lives, and what could be given up over it. */
export class Peak {
  readonly #order: readonly NodeProto[];
  readonly #at: number;
  readonly #types: ReadonlyMap<Value, ValueType>;
  readonly #lifetimes: Lifetimes;
  readonly #makers = new Map<Value, NodeProto>();
  readonly #later = new Map<Value, Later>();
  /** The first copy that is made after the peak, by what was copied. */
  readonly #copied = new Map<Value, Value>();

  constructor(order: readonly NodeProto[], at: number, types: ReadonlyMap<Value, ValueType>, kept: ReadonlySet<Value>) {
    this.#order = order;
    this.#at = at;
    this.#types = types;
    this.#lifetimes = lifetimes(order, kept);
    for (const [i, node] of order.entries()) {
      for (const value of node.output) this.#makers.set(value, node);
      if (i > at) this.#addLater(i, node);
    }
  }

  /**
   * Copies that free so many bytes together, or all there are: those that free the most for their work, none made from
   * what another gives up. `round` tells their names from those of other rounds.
   */
  copies(bytes: number, round: number): Copy[] {
    const chosen: Candidate[] = [];
    let freed = 0;
    const all = this.#candidates(round).toSorted((a, b) => gainOf(b) - gainOf(a));
    for (const candidate of all) {
      if (freed >= bytes || gainOf(candidate) < gainOf(all[0]!) / widest) break;
      if (chosen.some(({ memory, needs }) => candidate.needs.has(memory) || needs.has(candidate.memory))) continue;
      chosen.push(candidate);
      freed += candidate.bytes;
    }
    return chosen;
  }

  #addLater(i: number, node: NodeProto): void {
    for (const value of node.output)
      if (isCopy(value)) this.#copied.set(originalOf(value), this.#copied.get(originalOf(value)) ?? value);
    for (const value of readsOf(node)) {
      const memory = this.#lifetimes.memory.get(value);
      if (memory === undefined) continue;
      const later = this.#later.get(memory) ?? { first: i, readers: new Set(), values: new Set() };
      later.readers.add(node.name);
      later.values.add(value);
      this.#later.set(memory, later);
    }
  }

  #candidates(round: number): Candidate[] {
    const node = this.#order[this.#at]!;
    const busy = new Set([...readsOf(node), ...node.output].map((value) => this.#lifetimes.memory.get(value)));
    return [...this.#lifetimes.spans].flatMap(([memory, { begin, end }], i): Candidate[] => {
      const bytes = bytesIn(this.#types)(memory);
      const waits = begin < this.#at && end > this.#at && end < this.#order.length;
      return waits && !busy.has(memory) && bytes >= leastBytes
        ? [this.#candidate(memory, bytes, `${mark}${round}.${i}`)]
        : [];
    });
  }

  /** How to make a memory again for all that read it after the peak. */
  #candidate(memory: Value, bytes: number, suffix: string): Candidate {
    const { first, readers, values } = this.#later.get(memory)!;
    const nodes: NodeProto[] = [];
    const names = new Map<Value, Value>();
    const needs = new Set<Value>();
    let work = 1;
    const again = (value: Value): Value => {
      const own = this.#lifetimes.memory.get(value);
      if (own === undefined) return value;
      const there = names.get(value) ?? (own === memory ? undefined : this.#copied.get(originalOf(value)));
      if (there !== undefined) return there;
      if (own !== memory && this.#lifetimes.spans.get(own)!.end >= first) {
        needs.add(own);
        return value;
      }
      const maker = this.#makers.get(value)!;
      const output = maker.output.map((made) => (made === "" ? made : originalOf(made) + suffix));
      const read = renamed(maker, (other) => (maker.output.includes(other) ? other : again(other)));
      nodes.push({ ...read, name: originalOf(maker.name) + suffix, output });
      work += workOf(maker, this.#types);
      for (const [i, made] of maker.output.entries()) names.set(made, output[i]!);
      return names.get(value)!;
    };
    for (const value of values) again(value);
    return { nodes, names, readers, memory, bytes, work, needs };
  }
}

/** What the names of copies have between the original's name and a number. */
const mark = " again ";
const isCopy = (value: Value): boolean => value.includes(mark);
const originalOf = (value: Value): Value => value.split(mark)[0]!;
