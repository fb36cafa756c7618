import type { reads } from "./reads.ts";

/** A file that is made to do harm: what reads it, and what makes it. Each must be refused with exit code 7. */
export interface Bomb {
  readonly read: keyof typeof reads;
  /** The bytes of the file; or writes it itself, there where it is told. */
  readonly make: (path: string) => Uint8Array | string | Promise<void>;
}

export type Bombs = Readonly<Record<string, Bomb>>;

/** Several that are read in the same way. */
export function bombs(read: Bomb["read"], makers: Readonly<Record<string, Bomb["make"]>>): Bombs {
  return Object.fromEntries(Object.entries(makers).map(([name, make]) => [`${read}: ${name}`, { read, make }]));
}
