import { randomUUID } from "node:crypto";
import { access, appendFile, constants, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, ResourceError, SegkitError } from "./errors.ts";

/**
 * Writes a file whole or not at all: into a temporary file beside it, synced, then renamed.
 * Throws a ResourceError when the disk is full or the folder cannot be written, and what making the chunks throws.
 */
export async function writeWhole(
  file: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, "w");
    try {
      for await (const chunk of chunks) await handle.write(chunk as Uint8Array);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error instanceof SegkitError ? error : cannotWrite(file, error);
  }
}

/** Adds bytes at the end of a file. Throws a ResourceError when they cannot be written: a part of them may be there. */
export async function appendTo(file: string, bytes: Uint8Array): Promise<void> {
  await appendFile(file, bytes).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
}

/**
 * Makes a folder that can be written, or throws a ResourceError that says why not.
 * @returns the outermost folder that was made for it; undefined if it was there.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    const made = await makeFolders(resolve(folder));
    await access(folder, constants.W_OK);
    // Root may write where the permissions say no, and a read-only disk says no only to a write.
    const probe = `${folder}/.${randomUUID().slice(0, 8)}.tmp`;
    await (await open(probe, "w")).close();
    await rm(probe);
    return made;
  } catch (error) {
    throw new ResourceError(`folder ${folder} cannot be written: ${reasonOf(error)}`, {
      hint: "Choose a folder that can be written.",
      cause: error,
    });
  }
}

/** Throws a ResourceError when a folder cannot be made or written; makes nothing that stays. */
export async function requireWritable(folder: string): Promise<void> {
  const made = await makeFolder(folder);
  if (made !== undefined) await removeEmpty(folder, made);
}

/** As `mkdir` with `recursive` on an absolute path, which Node 20 never ends where a folder refuses new ones with ENOENT, as /proc does. */
export async function makeFolders(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return undefined;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
  }
  const outermost = await makeFolders(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return outermost;
  }
  return outermost ?? folder;
}

/** Removes a folder and those around it up to `outermost`, as far as they are empty. */
export async function removeEmpty(folder: string, outermost: string): Promise<void> {
  const last = resolve(outermost).length;
  // rmdir refuses a folder that has something in it.
  for (let path = resolve(folder); path.length >= last; path = dirname(path)) await rmdir(path).catch(() => {});
}

function cannotWrite(file: string, error: unknown): ResourceError {
  return new ResourceError(`${file}: cannot be written: ${reasonOf(error)}`, {
    hint: "Free some disk space, or choose a folder that can be written.",
    cause: error,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EEXIST: "there is a file of that name",
  ENOENT: "folders cannot be made there",
  ENOTDIR: "part of its path is a file",
};

/** Why a file operation failed, in words where they are known. */
function reasonOf(error: unknown): string {
  return reasons[codeOf(error)] ?? messageOf(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
