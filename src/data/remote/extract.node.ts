import { once } from "node:events";
import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Parser, type ReadEntry } from "tar";
import { CorruptFileError, messageOf, ResourceError, SegkitError } from "../../util/errors.ts";
import { makeFolders } from "../../util/files.node.ts";
import { quoted } from "../../util/printable.ts";
import { entryFault, type ExtractLimits, ExtractTally } from "./entry-fault.ts";
import { openPlainTar } from "./plain-tar.node.ts";

export interface ExtractOptions {
  readonly limits?: ExtractLimits;
  /** Told the bytes of the archive read so far and its length. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const hint = "Get the archive again from a source you trust.";

/**
 * Unpacks a tar archive, plain or with gzip, into an empty folder. Only files and folders with plain relative paths are
 * accepted. What was written before an error stays: give it a folder that can be thrown away.
 * @throws CorruptFileError naming the archive, and the entry if it is at fault: an absolute path, `..`, a drive or a
 * NUL in it, a link, a device, the name of another one but for capitals, too many entries, too many bytes; or an archive that is truncated, damaged or none.
 * ResourceError where the disk is full; the signal's reason.
 * @example await extractArchive("camvid.tgz", "work/unpacked");
 */
export async function extractArchive(archive: string, folder: string, options: ExtractOptions = {}): Promise<void> {
  const { size } = await stat(archive).catch((error: unknown) => {
    throw new ResourceError(`${archive} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const { chunks, bytesRead } = await openPlainTar(archive);
  const extraction = new Extraction(folder, new ExtractTally(size, options.limits ?? {}));
  try {
    options.onProgress?.(0, size);
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted();
      await extraction.write(chunk as Buffer);
      options.onProgress?.(bytesRead(), size);
    }
    await extraction.end();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw named(error, archive, folder);
  } finally {
    await extraction.close();
  }
}

/** What is wrong with an entry. */
class EntryFault extends Error {}

/** An archive on its way through the parser into files, one after the other. */
class Extraction {
  readonly #folder: string;
  readonly #tally: ExtractTally;
  readonly #parser: Parser;
  /** Rejects with the first thing that goes wrong. */
  readonly #failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #writing: Promise<void> = Promise.resolve();
  #current: ReadEntry | undefined;
  #stopped = false;
  /** Whether one block of zeros has come, and whether two. */
  #sawEnd = false;
  #atEnd = false;

  constructor(folder: string, tally: ExtractTally) {
    this.#folder = folder;
    this.#tally = tally;
    this.#failed = new Promise<never>((_, reject) => {
      this.#fail = (error) => {
        this.#stopped = true;
        reject(error);
      };
    });
    this.#failed.catch(() => {});
    this.#parser = new Parser({ strict: true, filter: (_, entry) => this.#accepts(entry as ReadEntry) });
    this.#listen();
  }

  /** Parses a piece of the tar; resolves when the next one is wanted. */
  async write(chunk: Buffer): Promise<void> {
    const fault = this.#tally.pass(chunk.length);
    if (fault !== null) throw new Error(fault);
    // The parser would collect what follows the end.
    if (this.#atEnd) return;
    if (!this.#parser.write(chunk)) await Promise.race([once(this.#parser, "drain"), this.#failed]);
    await this.#orFail();
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    const ended = once(this.#parser, "end");
    this.#parser.end();
    await Promise.race([ended, this.#failed]);
    await this.#writing;
    await this.#orFail();
    if (!this.#sawEnd) throw new Error("it ends without an end mark");
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#current?.end();
    await this.#writing;
  }

  #listen(): void {
    const parser = this.#parser;
    parser.on("error", (error: Error) => this.#fail(error));
    parser.on("nullBlock", () => (this.#sawEnd = true));
    parser.on("eof", () => (this.#atEnd = true));
    // The parser cuts long and extended names at a NUL, where others may read on. A long name ends with one.
    parser.on("meta", (text: string) => {
      if (text.replace(/\0+$/, "").includes("\0")) this.#refuse(text, "has a NUL character in its name");
    });
    // Entries of a kind that the parser does not know are not shown to its filter.
    parser.on("ignoredEntry", (entry: ReadEntry) => this.#accepts(entry));
    parser.on("entry", (entry: ReadEntry) => {
      this.#current = entry;
      this.#writing = this.#writing.then(() => this.#extract(entry)).catch((error: unknown) => this.#fail(error));
    });
  }

  #accepts({ path, type, size, meta }: ReadEntry): boolean {
    if (this.#stopped) return false;
    const fault = meta
      ? "is over the limit of 1 MiB for a name"
      : (entryFault(path, type, process.platform === "win32") ?? this.#tally.add(path, size));
    if (fault !== null) this.#refuse(path, fault);
    return fault === null;
  }

  #refuse(path: string, fault: string): void {
    this.#fail(new EntryFault(`entry ${quoted(path)} ${fault}`));
  }

  async #extract(entry: ReadEntry): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#write(entry);
    } catch (error) {
      const clause = clauses[(error as NodeJS.ErrnoException).code ?? ""];
      if (clause === undefined) throw error;
      throw new EntryFault(`entry ${quoted(entry.path)} ${clause}`);
    }
  }

  async #write(entry: ReadEntry): Promise<void> {
    const target = join(this.#folder, entry.path);
    if (entry.type === "Directory") {
      await makeFolders(target);
      entry.resume();
      return;
    }
    await makeFolders(dirname(target));
    const file = await open(target, "w");
    try {
      for await (const chunk of entry) await file.appendFile(chunk);
    } finally {
      await file.close();
    }
  }

  async #orFail(): Promise<void> {
    if (this.#stopped) await this.#failed;
  }
}

/** What is wrong with an entry that the disk refuses. */
const clauses: Readonly<Record<string, string>> = {
  ENAMETOOLONG: "has a name that is too long for the disk",
  ENOTDIR: "lies in what another entry says is a file",
  EEXIST: "lies in what another entry says is a file",
  EISDIR: "is a file, but another entry says it is a folder",
  EINVAL: "has a name that the disk does not allow",
  EILSEQ: "has a name that the disk does not allow",
};

/** What went wrong, as an error that names the archive. */
function named(error: unknown, archive: string, folder: string): unknown {
  if (error instanceof EntryFault) return new CorruptFileError(`${archive}: ${error.message}`, { hint });
  if (!(error instanceof Error) || error instanceof SegkitError) return error;
  if ("syscall" in error) {
    const full = "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
    return new ResourceError(`${folder} cannot be written: ${full ? "the disk is full" : error.message}`, {
      hint: "Free some disk space, or choose a folder that can be written.",
      cause: error,
    });
  }
  return new CorruptFileError(`${archive} is damaged or truncated: ${reasonOf(error)}`, { hint, cause: error });
}

/** What the parser and zlib say, in words. */
function reasonOf({ message }: Error): string {
  if (/unexpected end of file|Truncated input/i.test(message)) return "it ends in the middle";
  if (/Unrecognized archive format/i.test(message)) return "it is no tar archive, with or without gzip";
  if (/checksum/i.test(message)) return "the checksum of an entry is wrong";
  return message.replace(/^\w+: /, "");
}
