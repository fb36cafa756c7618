import { readFileSync, writeFileSync } from "node:fs";

/** How much memory the process took at most since this was made. Only Linux tells; elsewhere it is 0. */
export class Memory {
  readonly #before: number;

  constructor() {
    // "5" sets the peak back to what is taken now (proc(5), /proc/pid/clear_refs).
    if (isLinux) writeFileSync("/proc/self/clear_refs", "5");
    this.#before = peak();
  }

  /** MB that the peak, since any of these was made last, is above the beginning of this one. */
  grown(): number {
    return peak() - this.#before;
  }
}

const isLinux = process.platform === "linux";

function peak(): number {
  if (!isLinux) return 0;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? 0) / 1024;
}
