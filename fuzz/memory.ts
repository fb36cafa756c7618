import { openSync, readSync, writeSync } from "node:fs";

/** How much memory the process took at most since this was made. Only Linux tells; elsewhere it is 0. */
export class Memory {
  readonly #before: number;

  constructor() {
    // "5" sets the peak back to what is taken now (proc(5), /proc/pid/clear_refs).
    if (files) writeSync(files.clear, "5", 0);
    this.#before = peak();
  }

  /** MB that the peak, since any of these was made last, is above the beginning of this one. */
  grown(): number {
    return peak() - this.#before;
  }
}

const files =
  process.platform === "linux"
    ? { clear: openSync("/proc/self/clear_refs", "w"), status: openSync("/proc/self/status", "r") }
    : null;
const text = Buffer.alloc(4096);

function peak(): number {
  if (!files) return 0;
  const length = readSync(files.status, text, 0, text.length, 0);
  return Number(/VmHWM:\s+(\d+)/.exec(text.toString("latin1", 0, length))?.[1] ?? 0) / 1024;
}
