import type { Random } from "../../src/util/random.ts";
import type { Laboratory } from "./laboratory.ts";

/** What came out of doing something to a training, again and again. */
export interface Tried {
  readonly tries: number;
  /** Promises that were not kept, in words; none is what is wanted. */
  readonly broken: readonly string[];
  /** What the tries came to, such as how many ended with which exit code. */
  readonly outcome: string;
}

/** Something that happens to a training, and the promise that is checked after it. */
export interface Fault {
  readonly title: string;
  readonly promise: string;
  readonly tries: (laboratory: Laboratory, random: Random) => Promise<Tried>;
}
