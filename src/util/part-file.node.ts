import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { requireDiskRoom } from "./disk-room.node.ts";
import { messageOf, ResourceError } from "./errors.ts";
import { syncFolder, writeWhole } from "./files.node.ts";
import { parseJson } from "./parse-json.ts";

/** What a part is a part of: as much as is needed to ask for the rest of the same file. */
export interface PartSource {
  readonly url: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** Length of the whole file in bytes, where the server said it. */
  readonly total?: number | undefined;
}

const sourceSchema = z.object({
  url: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  total: z.number().int().nonnegative().optional(),
});

/** The beginning of a file that is being downloaded, `<file>.part`, and beside it in `<file>.part.json` what it is of. */
export class PartFile {
  readonly path: string;
  source: PartSource;
  /** Bytes that are there. */
  length: number;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, source: PartSource, length: number) {
    this.path = path;
    this.#handle = handle;
    this.source = source;
    this.length = length;
  }

  /** Opens the part that an earlier download from the same address left, or an empty one. */
  static async open(path: string, url: string): Promise<PartFile> {
    const source = await readSource(path);
    const handle = await open(path, "a+").catch((error: unknown) => {
      throw unwritable(path, error);
    });
    const { size } = await handle.stat();
    if (source?.url === url && size <= (source.total ?? Infinity)) return new PartFile(path, handle, source, size);
    const part = new PartFile(path, handle, { url }, size);
    await part.restart({ url });
    return part;
  }

  /** Drops what is there: the file is `source` from now on. */
  async restart(source: PartSource): Promise<void> {
    await this.#handle.truncate(0);
    this.length = 0;
    this.source = source;
    await writeWhole(`${this.path}.json`, [`${JSON.stringify(source)}\n`]);
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(bytes);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.length += bytes.length;
  }

  /** Throws a ResourceError where the disk has no room for the rest of a file of `total` bytes. */
  async requireRoom(total: number): Promise<void> {
    await requireDiskRoom(this.path, total - this.length);
  }

  /** Makes it the whole file at `target`. The part is closed. */
  async finish(target: string): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.path, target);
      await syncFolder(dirname(target));
    } catch (error) {
      throw unwritable(target, error);
    }
    await rm(`${this.path}.json`, { force: true });
  }

  /** Closes it; what is there stays for the next download, unless it is nothing. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => {});
    if (this.length === 0) await this.remove();
  }

  async remove(): Promise<void> {
    await this.#handle.close().catch(() => {});
    for (const file of [this.path, `${this.path}.json`]) await rm(file, { force: true });
  }
}

async function readSource(path: string): Promise<PartSource | undefined> {
  try {
    return sourceSchema.parse(parseJson(await readFile(`${path}.json`, "utf8")));
  } catch {
    return undefined;
  }
}

function unwritable(file: string, error: unknown): ResourceError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === "ENOSPC" || code === "EDQUOT" ? "the disk is full" : messageOf(error);
  return new ResourceError(`${file}: cannot be written: ${reason}`, {
    hint: "Free some disk space, or choose a folder that can be written.",
    cause: error,
  });
}
