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
    throw new ResourceError(`${file}: cannot be written: ${messageOf(error)}`, {
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
    throw new ResourceError(`${folder}: cannot be written: ${messageOf(error)}`, {
      hint: `Choose another folder, or make ${dirname(folder)} writable.`,
      cause: error,
    });
  }
}
