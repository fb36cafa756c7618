import { constants, readFileSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ConfigError, CorruptFileError, messageOf, OversizeError, SegkitError } from "./errors.ts";
import { decodeUtf8 } from "./utf8.ts";

const mebibyte = 2 ** 20;

/** Bytes of a text file at most, by what it is for. */
export const textLimits = {
  /** Class names, options, descriptions of data. */
  described: mebibyte,
  /** A line or more for every picture or step: lists, tables, results, records. */
  listed: 64 * mebibyte,
} as const;

/**
 * What `use` makes of an open file and its length in bytes. Waits for no pipe and reads no device.
 * @param name what error messages call the file.
 * @throws CorruptFileError for what is no file, and the system's error where it cannot be opened.
 */
export async function withFile<T>(
  file: string,
  use: (handle: FileHandle, size: number) => Promise<T>,
  name = file,
): Promise<T> {
  // Without O_NONBLOCK, which Windows does not have, opening a pipe waits for its writer.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    requireFile(found, name);
    return await use(handle, found.size);
  } finally {
    await handle.close();
  }
}

/** The bytes of a file. Errors as `withFile`; an OversizeError for more than `most` bytes. */
export async function readBounded(file: string, most: number, name = file): Promise<Buffer<ArrayBuffer>> {
  const read = (handle: FileHandle, size: number): Promise<Buffer<ArrayBuffer>> => {
    requireSize(size, most, name);
    return handle.readFile();
  };
  return withFile(file, read, name);
}

/** The text of a file. Errors as `readBounded`; a CorruptFileError for what is not UTF-8. */
export async function readText(file: string, most: number = textLimits.described, name = file): Promise<string> {
  return textOf(await readBounded(file, most, name), name);
}

/** Node reads no more at once. */
const mostModelBytes = 2 ** 31 - 1;

/** The bytes of a file of weights or a network. Throws a ConfigError where it cannot be read; else errors as `readBounded`. */
export async function readModelFile(file: string, hint: string): Promise<Buffer<ArrayBuffer>> {
  return readBounded(file, mostModelBytes).catch((error: unknown) => {
    throw unreadable(file, hint, error);
  });
}

/** The first `length` bytes of a file, if it has as many, and how many it has. Errors as `readModelFile`. */
export async function readHead(
  file: string,
  length: number,
  hint: string,
): Promise<{ readonly head: Uint8Array; readonly size: number }> {
  const read = async (handle: FileHandle, size: number): Promise<{ head: Uint8Array; size: number }> => {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
    return { head: buffer.subarray(0, bytesRead), size };
  };
  return withFile(file, read).catch((error: unknown) => {
    throw unreadable(file, hint, error);
  });
}

function unreadable(file: string, hint: string, error: unknown): SegkitError {
  if (error instanceof SegkitError) return error;
  return new ConfigError(`${file}: cannot be read: ${messageOf(error)}`, { hint, cause: error });
}

/** As `readText`, at once. */
export function readTextSync(file: string, most: number = textLimits.described): string {
  const found = statSync(file);
  requireFile(found, file);
  requireSize(found.size, most, file);
  return textOf(readFileSync(file), file);
}

function requireFile(found: Stats, name: string): void {
  if (found.isFile()) return;
  const kind = found.isDirectory() ? "folder" : "device or a pipe";
  throw new CorruptFileError(`${name} is a ${kind}, but a file was expected`, { hint: "Give the path of a file." });
}

function requireSize(size: number, most: number, name: string): void {
  if (size <= most) return;
  throw new OversizeError(`${name} has ${size} bytes, over the limit of ${most}`, {
    hint: "Check that it is the file that was meant.",
  });
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    throw new CorruptFileError(`${name} is not UTF-8 text`, { hint: "Save it as UTF-8.", cause: error });
  }
}
