import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";

/** Calls that change what is on a disk. */
export type DiskCall = "open" | "write" | "sync" | "rename" | "mkdir" | "appendFile" | "writeFile";

export interface DiskFault {
  /** Only calls on files in it, or on itself, are counted and can fail. */
  readonly folder: string;
  /** The call that fails, counted from 0; with "always", all after it too. */
  readonly at: number;
  readonly always?: boolean;
  /** What it fails with; ENOSPC where left out. "short" writes half of what it is given and says so. */
  readonly code?: "ENOSPC" | "EROFS" | "EIO" | "EACCES" | "short";
}

export interface FaultyDisk {
  /** The calls so far. */
  readonly calls: readonly DiskCall[];
  /** How many of them failed. */
  readonly failed: number;
  /** Makes the disk whole again. */
  mend(): void;
}

interface HandleMethods {
  readonly write: (this: FileHandle, bytes: Uint8Array) => Promise<unknown>;
  readonly sync: (this: FileHandle) => Promise<void>;
  readonly writeFile: (this: FileHandle, text: string) => Promise<void>;
}

/** Makes a disk that fails, as far as this thread writes to it through node:fs/promises. One at a time. */
export async function breakDisk({ folder, at, always = false, code = "ENOSPC" }: DiskFault): Promise<FaultyDisk> {
  const { promises } = fs;
  const originals = { ...promises };
  const probe = await promises.open(import.meta.filename, "r");
  const prototype = Object.getPrototypeOf(probe) as HandleMethods;
  await probe.close();
  const { write, sync, writeFile } = prototype;
  const pathOf = new WeakMap<FileHandle, string>();
  const calls: DiskCall[] = [];
  let failed = 0;

  /** Whether a call is to fail. */
  const fails = (call: DiskCall, path: unknown): boolean => {
    const file = resolve(String(path));
    if (file !== resolve(folder) && !file.startsWith(resolve(folder) + sep)) return false;
    const number = calls.push(call) - 1;
    const hit = number === at || (always && number > at);
    if (hit) failed++;
    return hit;
  };
  const error = (call: DiskCall): Error => {
    const thrown = code === "short" ? "ENOSPC" : code;
    return Object.assign(new Error(`${thrown}: made to fail, ${call}`), { code: thrown });
  };

  Object.assign(promises, {
    open: async (...args: Parameters<typeof originals.open>) => {
      if (args[1] !== undefined && args[1] !== "r" && fails("open", args[0]) && code !== "short") throw error("open");
      const handle = await originals.open(...args);
      pathOf.set(handle, String(args[0]));
      return handle;
    },
    rename: async (...args: Parameters<typeof originals.rename>) => {
      if (fails("rename", args[1]) && code !== "short") throw error("rename");
      return originals.rename(...args);
    },
    mkdir: async (...args: Parameters<typeof originals.mkdir>) => {
      if (fails("mkdir", args[0]) && code !== "short") throw error("mkdir");
      return originals.mkdir(...args);
    },
    appendFile: async (...args: Parameters<typeof originals.appendFile>) => {
      if (fails("appendFile", args[0])) {
        // What there was room for is there.
        await originals.appendFile(args[0], (args[1] as Uint8Array).subarray(0, 3));
        throw error("appendFile");
      }
      return originals.appendFile(...args);
    },
    writeFile: async (...args: Parameters<typeof originals.writeFile>) => {
      if (fails("writeFile", args[0]) && code !== "short") throw error("writeFile");
      return originals.writeFile(...args);
    },
  });
  Object.assign(prototype, {
    async write(bytes) {
      if (!fails("write", pathOf.get(this))) return write.call(this, bytes);
      if (code !== "short") throw error("write");
      return write.call(this, bytes.subarray(0, Math.ceil(bytes.length / 2)));
    },
    async sync() {
      if (fails("sync", pathOf.get(this)) && code !== "short") throw error("sync");
      return sync.call(this);
    },
    async writeFile(text) {
      if (fails("writeFile", pathOf.get(this)) && code !== "short") throw error("writeFile");
      return writeFile.call(this, text);
    },
  } satisfies HandleMethods);
  syncBuiltinESMExports();

  return {
    calls,
    get failed() {
      return failed;
    },
    mend() {
      Object.assign(promises, originals);
      Object.assign(prototype, { write, sync, writeFile });
      syncBuiltinESMExports();
    },
  };
}
