import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { dirname, join } from "node:path";

/** The text of a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/**
 * Bytes that this process can still take without pushing others out: on Linux what the kernel holds to be available, and no
 * more than the control groups of the process leave it (a container's limit), what they keep only as a cache not counted as
 * used. Elsewhere the system's free memory; on macOS, which counts next to nothing as free, at least half of all.
 * @example const bytes = freeMemory();
 */
export function freeMemory(): number {
  if (process.platform === "linux") return linuxFreeMemory(readText) ?? freemem();
  return process.platform === "darwin" ? Math.max(freemem(), totalmem() / 2) : freemem();
}

/** The same from the files in /proc and /sys; undefined where they do not tell. */
export function linuxFreeMemory(read: ReadText): number | undefined {
  const [, available] = /^MemAvailable:\s+(\d+) kB$/m.exec(read("/proc/meminfo") ?? "") ?? [];
  if (available === undefined) return undefined;
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => groupOf(line) ?? []);
  const rooms = groups.flatMap(({ version, path }) => ancestors(path).map((each) => versions[version](each, read)));
  return Math.max(Math.min(Number(available) * 1024, ...rooms), 0);
}

type Version = keyof typeof versions;

/** A line of /proc/self/cgroup that limits memory: `0::/path` of version 2, `4:memory:/path` of version 1. */
function groupOf(line: string): { readonly version: Version; readonly path: string } | undefined {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (controllers === undefined || path === undefined) return undefined;
  if (controllers === "") return { version: "v2", path };
  return controllers.split(",").includes("memory") ? { version: "v1", path } : undefined;
}

/** A group and those around it. Inside a container, the outermost is all that can be seen. */
function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...ancestors(above)];
}

/** The room that a group leaves; no bound where it has no limit or cannot be read. */
const versions = {
  v1: (path: string, read: ReadText): number =>
    roomIn(join("/sys/fs/cgroup/memory", path), read, {
      ...{ limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", cache: "total_inactive_file" },
    }),
  v2: (path: string, read: ReadText): number =>
    roomIn(join("/sys/fs/cgroup", path), read, {
      ...{ limit: "memory.max", usage: "memory.current", cache: "inactive_file" },
    }),
};

function roomIn(
  folder: string,
  read: ReadText,
  names: { readonly limit: string; readonly usage: string; readonly cache: string },
): number {
  const [limit, usage] = [numberIn(read(join(folder, names.limit))), numberIn(read(join(folder, names.usage)))];
  if (limit === undefined || usage === undefined) return Infinity;
  const stat = read(join(folder, "memory.stat")) ?? "";
  const cache = numberIn(new RegExp(`^${names.cache} (\\d+)$`, "m").exec(stat)?.[1]) ?? 0;
  return limit - (usage - cache);
}

/** A number of bytes; undefined for "max" and for nothing. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
