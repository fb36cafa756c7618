import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { isAlive, type ProcessIdentity } from "./process-identity.node.ts";
import { parseJson } from "./parse-json.ts";

/** "unknown" is a lock whose owner may live or not. */
export type LockState = "free" | "alive" | "unknown" | "dead";

const ownerSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  space: z.string(),
  birth: z.string().optional(),
});

/** What stands in a lock that was given back before the work was done. */
export const leftUndone = "left undone";

/** A lock file of somebody else. */
export class LockWatch {
  readonly file: string;
  readonly #abandoned: number;
  /** The lock as it was last seen to change, and when that was. */
  #seen: string | undefined;
  #since = 0;

  /** @param abandoned milliseconds without a change after which an owner that cannot be asked for is taken for dead. */
  constructor(file: string, abandoned: number) {
    this.file = file;
    this.#abandoned = abandoned;
  }

  /**
   * What is known of its owner by now. One that cannot be asked for is known by the heartbeats that change the file's time,
   * whatever the time is: clocks of other machines are wrong, and that of this one may be set back.
   */
  async look(): Promise<LockState> {
    const text = await readLock(this.file);
    if (text === null) return "free";
    if (text === leftUndone) return "dead";
    const owner = ownerOf(text);
    const alive = owner && (await isAlive(owner));
    if (alive !== undefined) return alive ? "alive" : "dead";
    const changed = await stat(this.file).catch(() => null);
    const now = `${changed?.mtimeMs} ${text}`;
    if (now === this.#seen) return performance.now() - this.#since > this.#abandoned ? "dead" : "unknown";
    const first = this.#seen === undefined;
    [this.#seen, this.#since] = [now, performance.now()];
    return first ? "unknown" : "alive";
  }
}

/** The text of a lock file; null where there is none. */
export async function readLock(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch(() => null);
}

/** Whose a lock is; undefined while its owner is still writing it. */
export function ownerOf(text: string): ProcessIdentity | undefined {
  try {
    return ownerSchema.parse(parseJson(text));
  } catch {
    return undefined;
  }
}
