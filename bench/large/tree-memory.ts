import { readdirSync, readFileSync } from "node:fs";

/** Bytes that a process and its children hold in memory (VmRSS), 0 where it has ended. */
export function treeMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const own = 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean),
    );
    return children.reduce((sum, child) => sum + treeMemory(Number(child)), own);
  } catch {
    return 0;
  }
}
