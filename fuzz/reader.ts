import type { Random } from "../src/util/random.ts";

/** A part of segkit that reads what others wrote. */
export interface Reader {
  /** MB beside what the process has that one input may take. */
  readonly megabytes: number;
  /** Prepares well-formed inputs, and returns what makes a spoilt one of them. */
  readonly inputs: () => Promise<(random: Random) => Uint8Array>;
  /** Reads an input the way segkit does; it may write into `folder`, and nowhere else. */
  readonly read: (input: Uint8Array, folder: string) => Promise<unknown>;
}
