import { randomUUID } from "node:crypto";
import { access, constants, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, ResourceError } from "./errors.ts";

/**
 * Writes a file whole or not at all: into a temporary file beside it, synced, then renamed.
 * Throws a ResourceError when the disk is full or the folder cannot be written.
 */
export async function writeWhole(file: string, chunks: Iterable<Uint8Array | string>): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, "w");
    try {
      for (const chunk of chunks) await handle.write(chunk as Uint8Array);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new ResourceError(`${file}: cannot be written: ${reasonOf(error)}`, {
      hint: "Free some disk space, or choose a folder that can be written.",
      cause: error,
    });
  }
}

/** Makes a folder that can be written, or throws a ResourceError that says why not. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    // Root may write where the permissions say no, and a read-only disk says no only to a write.
    const probe = `${folder}/.${randomUUID().slice(0, 8)}.tmp`;
    await (await open(probe, "w")).close();
    await rm(probe);
  } catch (error) {
    throw new ResourceError(`folder ${folder} cannot be written: ${reasonOf(error)}`, {
      hint: `Choose another folder, or make ${dirname(folder)} writable.`,
      cause: error,
    });
  }
}

/** Throws a ResourceError when a folder cannot be made or written; makes nothing that stays. */
export async function requireWritable(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true }).catch(() => undefined);
  try {
    await makeFolder(folder);
  } finally {
    if (made !== undefined) await rm(made, { recursive: true, force: true });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EEXIST: "there is a file of that name",
  ENOTDIR: "part of its path is a file",
};

/** Why a file operation failed, in words where they are known. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? messageOf(error);
}
