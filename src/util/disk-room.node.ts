import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ResourceError } from "./errors.ts";

/** Throws a ResourceError where the disk that a file is to be on has no room for so many more bytes of it. */
export async function requireDiskRoom(file: string, bytes: number): Promise<void> {
  const disk = await statfs(dirname(file)).catch(() => null);
  const free = disk ? disk.bavail * disk.bsize : Infinity;
  if (bytes <= free) return;
  throw new ResourceError(`${file}: ${bytes} more bytes are needed, but the disk has ${free}`, {
    hint: "Free some disk space, or choose a folder on another disk.",
  });
}
