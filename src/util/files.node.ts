import { randomUUID } from "node:crypto";
import { access, appendFile, constants, type FileHandle, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, ResourceError, SegkitError } from "./errors.ts";

/** How `writeWhole` writes. */
export interface WriteWholeOptions {
  /**
   * Whether the file is on the disk before it has its name, and the name before the call returns: then a power failure does no
   * harm either. False is for files that can be made again; true where left out.
   */
  readonly sync?: boolean;
  /** Told every piece of the file, in order, once it is written. */
  readonly onWritten?: (piece: Uint8Array) => void;
}

/** Bytes that one call of the system writes: so few that other work of the thread does not wait for them, and no fewer. */
const [mostBytes, leastBytes] = [4 * 2 ** 20, 2 ** 16];

/**
 * Writes a file whole or not at all: into a temporary file beside it, synced, then renamed, and the folder synced.
 * Throws a ResourceError when the disk is full or the folder cannot be written, and what making the chunks throws.
 */
export async function writeWhole(
  file: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  { sync = true, onWritten }: WriteWholeOptions = {},
): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, "w");
    try {
      for await (const piece of piecesOf(chunks)) await writeAll(handle, piece, onWritten);
      if (sync) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    if (sync) await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error instanceof SegkitError ? error : cannotWrite(file, error);
  }
}

/** The chunks in pieces that are worth a call each: small ones together, large ones in parts. A chunk may change after its turn. */
async function* piecesOf(
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  const small = Buffer.alloc(leastBytes);
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (length + bytes.length > small.length) {
      yield small.subarray(0, length);
      length = 0;
    }
    if (bytes.length > small.length)
      for (let at = 0; at < bytes.length; at += mostBytes) yield bytes.subarray(at, at + mostBytes);
    else {
      small.set(bytes, length);
      length += bytes.length;
    }
  }
  yield small.subarray(0, length);
}

async function writeAll(
  handle: FileHandle,
  piece: Uint8Array,
  onWritten: WriteWholeOptions["onWritten"],
): Promise<void> {
  for (let at = 0; at < piece.length;) {
    // A disk that fills up, or a limit on the length of files, takes a part of it first.
    const { bytesWritten } = await handle.write(piece.subarray(at));
    if (bytesWritten === 0) throw new Error("the disk takes nothing");
    onWritten?.(piece.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
}

/** What systems say that do not sync folders, or not without the right to read them. */
const unsyncable = ["EACCES", "EPERM", "EISDIR", "EINVAL", "ENOTSUP"];

/** Has the names in a folder on the disk, where the system can do so: else a power failure could undo a renaming. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!unsyncable.includes(codeOf(error))) throw error;
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

/**
 * As `mkdir` with `recursive` on an absolute path, which Node 20 never ends where a folder refuses new ones with ENOENT, as
 * /proc does; and what was made is on the disk.
 */
export async function makeFolders(folder: string): Promise<string | undefined> {
  try {
    await makeOne(folder);
    return folder;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return undefined;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
  }
  const outermost = await makeFolders(dirname(folder));
  try {
    await makeOne(folder);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return outermost;
  }
  return outermost ?? folder;
}

async function makeOne(folder: string): Promise<void> {
  await mkdir(folder);
  await syncFolder(dirname(folder));
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
export function reasonOf(error: unknown): string {
  return reasons[codeOf(error)] ?? messageOf(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
