// What the benchmark and its children say to each other: lines of JSON one way, "step" and "end" the other.
// peers/README.md has the table.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A turn: how long it took, and the loss before it where there is one. */
export interface Turn {
  readonly seconds: number;
  readonly loss?: number;
}

/** Most memory this process has held so far, in bytes. */
export function peakBytes(): number {
  try {
    // Linux may answer getrusage with the parent's figure from before the fork.
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))!;
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Prints a line of JSON. */
export function say(message: object): void {
  console.log(JSON.stringify(message));
}

/** The child's side: says `about` itself, answers every "step" with a turn, and "end" with its peak memory. */
export async function serve(about: object, turn: () => Promise<Turn>): Promise<void> {
  say({ ready: true, ...about });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "end") break;
    say(await turn());
  }
  say({ peakBytes: peakBytes() });
  process.stdin.destroy();
}

/** Runs so often before the clock counts; returns the loss of the very first turn. */
export async function warmUp(turns: number, turn: () => Promise<Turn>): Promise<number | undefined> {
  let first: number | undefined;
  for (let i = 0; i < turns; i++) {
    const { loss } = await turn();
    first ??= loss;
  }
  return first;
}
