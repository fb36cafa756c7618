import { mkdirSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { SegkitError } from "../src/util/errors.ts";
import { Memory } from "./memory.ts";
import type { Reader } from "./reader.ts";

/** What can be wrong with how an input was read. */
export type FaultKind = "crash" | "hang" | "time" | "memory" | "outside" | "no named error";

export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}

/** What an input came to. */
export interface Attempt {
  /** Whether it was read; otherwise it was refused, with an exit code. */
  readonly exitCode: number | null;
  /** What is wrong with that. */
  readonly faults: readonly Fault[];
  /** Seconds of computing, over all threads. */
  readonly seconds: number;
  /** MB beside what the process had. */
  readonly megabytes: number;
}

/** Seconds of computing, over all threads, that an input may take. */
export const longest = 2;

/** Exit codes that a file may end with: usage, dataset, damaged. Others are faults of segkit, or of the machine. */
const allowed = new Set([2, 3, 7]);

/** Reads an input, in a folder of its own below `place`, and looks at what it did. */
export async function attempt(reader: Reader, input: Uint8Array, place: string): Promise<Attempt> {
  const folder = join(place, "inside");
  mkdirSync(folder, { recursive: true });
  const [memory, computing] = [new Memory(), process.cpuUsage()];
  let thrown: unknown;
  try {
    await reader.read(input, folder);
  } catch (error) {
    thrown = error ?? new Error("nothing was thrown");
  }
  const { user, system } = process.cpuUsage(computing);
  const [seconds, megabytes] = [(user + system) / 1e6, memory.grown()];
  clear(folder);
  const outside = readdirSync(place).filter((name) => !expected.has(name));
  const exitCode = thrown instanceof SegkitError ? thrown.exitCode : null;
  const unnamed = faultOf(thrown);
  const faults = [
    unnamed !== null && fault("no named error", unnamed),
    outside.length > 0 && fault("outside", `it wrote ${outside.join(", ")} outside its folder`),
    megabytes > reader.megabytes &&
      fault("memory", `it took ${Math.round(megabytes)} MB, over the bound of ${reader.megabytes}`),
    seconds > longest && fault("time", `it took ${seconds.toFixed(1)} seconds of computing`),
  ];
  return { exitCode, faults: faults.filter((each) => each !== false), seconds, megabytes };
}

const fault = (kind: FaultKind, text: string): Fault => ({ kind, text });

/** Removes what is in a folder; a few files one by one, which is faster. */
function clear(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) rmSync(path, { recursive: true });
    else unlinkSync(path);
  }
}

/** What may be in the place where a reader's folder is: that folder, and the number of the input. */
const expected = new Set(["inside", "place"]);

function faultOf(thrown: unknown): string | null {
  if (thrown === undefined) return null;
  if (!(thrown instanceof SegkitError))
    return `it was refused with ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : "what is no error"}`;
  return allowed.has(thrown.exitCode) ? null : `it was refused with exit code ${thrown.exitCode}: ${thrown.message}`;
}
