import { createHash } from "node:crypto";
import { readdir, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CorruptFileError, messageOf, ResourceError } from "../util/errors.ts";
import { makeFolders, writeWhole } from "../util/files.node.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { readText, withFile } from "../util/read-bounded.node.ts";
import { requireFinite } from "./require-finite.node.ts";
import { parseJson } from "../util/parse-json.ts";

const manifestSchema = z.object({
  format: z.literal(1),
  /** The file it is of, its length in bytes and its SHA-256. */
  file: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the run stood: the epoch counted through the run, and the batches done of it. */
  phase: z.int().min(0),
  epoch: z.int().min(0),
  batch: z.int().min(0),
});

/** What stands beside a checkpoint: which file it is, and where the run stood. */
export type CheckpointManifest = z.infer<typeof manifestSchema>;

/** A checkpoint that was read, and what is wrong with newer ones that were passed over. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly manifest: CheckpointManifest;
  readonly damaged: readonly string[];
}

/** How many good ones are kept. */
const kept = 2;

/**
 * The checkpoints of a run in a folder of their own, numbered in the order they were written: each a safetensors file, and
 * a JSON manifest that is written once the file is whole. Without its manifest, a file is no checkpoint.
 */
export class CheckpointFiles {
  readonly folder: string;
  /** Those found damaged, which do not count among the ones that are kept. */
  readonly #damaged = new Set<number>();

  readonly #check: () => Promise<void>;

  /** @param check called before every writing; throws where it may not be. */
  constructor(folder: string, check: () => Promise<void> = async () => {}) {
    this.folder = folder;
    this.#check = check;
  }

  /**
   * Writes a checkpoint, then removes all but the two newest good ones.
   * @throws DivergedError for one with numbers that are not finite, ResourceError when it cannot be written; those that
   * were there stay then.
   */
  async write(checkpoint: Checkpoint): Promise<CheckpointManifest> {
    await this.#check();
    await requireFinite(checkpoint.weights, checkpoint.optimizer);
    // Of a folder that cannot be made, writing says why.
    await makeFolders(resolve(this.folder)).catch(() => {});
    const number = Math.max(0, ...(await this.#numbers(/^\d+\.(safetensors|json)$/))) + 1;
    const file = `${nameOf(number)}.safetensors`;
    const hash = createHash("sha256");
    let bytes = 0;
    await writeWhole(join(this.folder, file), encodeCheckpoint(checkpoint), {
      onWritten(piece) {
        hash.update(piece);
        bytes += piece.length;
      },
    });
    const { phase, earlier, position } = checkpoint;
    const place = { phase, epoch: earlier.length + position.epoch, batch: position.batch };
    const manifest: CheckpointManifest = { format: 1, file, bytes, sha256: hash.digest("hex"), ...place };
    await writeWhole(this.#manifestFile(number), [`${JSON.stringify(manifest, null, 2)}\n`]);
    await this.#removeOld();
    return manifest;
  }

  /** Whether a checkpoint was written and not removed. */
  async exist(): Promise<boolean> {
    return (await this.#numbers(/^\d+\.json$/)).length > 0;
  }

  /** Where the newest one stands, unread; undefined where there is none, or nothing to be made of its manifest. */
  async newest(): Promise<CheckpointManifest | undefined> {
    const [number] = (await this.#numbers(/^\d+\.json$/)).filter((each) => !this.#damaged.has(each));
    return number === undefined ? undefined : this.#readManifest(number).catch(() => undefined);
  }

  /**
   * Reads the newest checkpoint that is as it was written; undefined where there is none at all.
   * @throws CorruptFileError when all of them are damaged.
   */
  async read(): Promise<FoundCheckpoint | undefined> {
    const damaged: string[] = [];
    for (const number of await this.#numbers(/^\d+\.json$/)) {
      try {
        return { ...(await this.#readOne(number)), damaged };
      } catch (error) {
        if (!(error instanceof CorruptFileError)) throw error;
        this.#damaged.add(number);
        damaged.push(error.message);
      }
    }
    if (damaged.length === 0) return undefined;
    throw new CorruptFileError(`none of the ${damaged.length} checkpoints can be read: ${damaged.join("; ")}`, {
      hint: "Start a new run; weights/best.safetensors of this one can be given to it with --pretrained.",
    });
  }

  /** Removes them all, there being nothing left to continue. */
  async remove(): Promise<void> {
    // The newest at last: should this be interrupted, the run goes on from its end.
    for (const number of (await this.#numbers(/^\d+\.(safetensors|json)$/)).toReversed()) await this.#removeOne(number);
    await rmdir(this.folder).catch(() => {});
  }

  async #readOne(number: number): Promise<Omit<FoundCheckpoint, "damaged">> {
    const manifest = await this.#readManifest(number);
    const file = join(this.folder, `${nameOf(number)}.safetensors`);
    const { bytes, sha256 } = await readHashed(file, manifest.bytes).catch((error: unknown) => {
      // A system error is the file's; lack of memory is not.
      if (error instanceof Error && !("code" in error) && !(error instanceof CorruptFileError)) throw error;
      throw new CorruptFileError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
    });
    if (bytes.length !== manifest.bytes)
      throw new CorruptFileError(`${file} is damaged: ${bytes.length} of ${manifest.bytes} bytes are there`);
    if (sha256 !== manifest.sha256)
      throw new CorruptFileError(`${file} is damaged: its SHA-256 is not the one in its manifest`);
    try {
      return { manifest, checkpoint: decodeCheckpoint(bytes) };
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      throw new CorruptFileError(`${file}: ${error.message}`, { cause: error });
    }
  }

  async #readManifest(number: number): Promise<CheckpointManifest> {
    const file = this.#manifestFile(number);
    try {
      return manifestSchema.parse(parseJson(await readText(file)));
    } catch (error) {
      throw new CorruptFileError(`${file} is damaged`, { cause: error });
    }
  }

  async #removeOld(): Promise<void> {
    const whole = (await this.#numbers(/^\d+\.json$/)).filter((number) => !this.#damaged.has(number));
    const stay = new Set(whole.slice(0, kept));
    for (const number of await this.#numbers(/^\d+\.(safetensors|json)$/))
      if (!stay.has(number)) await this.#removeOne(number);
  }

  /** The manifest first: a file without one is nothing, a manifest without its file a damaged checkpoint. */
  async #removeOne(number: number): Promise<void> {
    for (const file of [this.#manifestFile(number), join(this.folder, `${nameOf(number)}.safetensors`)])
      // What cannot be removed now is removed after the next one is written.
      await rm(file, { force: true }).catch(() => {});
  }

  /** The numbers of the files of a kind, the newest first. */
  async #numbers(kind: RegExp): Promise<number[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
      throw new ResourceError(`${this.folder} cannot be read: ${error.message}`, { cause: error });
    });
    const numbers = new Set(names.filter((name) => kind.test(name)).map((name) => Number.parseInt(name, 10)));
    return [...numbers].toSorted((a, b) => b - a);
  }

  #manifestFile(number: number): string {
    return join(this.folder, `${nameOf(number)}.json`);
  }
}

/** Bytes that are read and hashed at a time; Node reads no file of more than 2 GiB in one go. */
const pieceBytes = 16 * 2 ** 20;

/** The bytes of a file, up to `most`, with their SHA-256. */
async function readHashed(
  file: string,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string }> {
  return withFile(file, async (handle, size) => {
    const bytes = new Uint8Array(Math.min(size, most));
    const hash = createHash("sha256");
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      ({ bytesRead: read } = await handle.read(bytes.subarray(length, length + pieceBytes)));
      hash.update(bytes.subarray(length, length + read));
    }
    return { bytes: bytes.subarray(0, length), sha256: hash.digest("hex") };
  });
}

function nameOf(number: number): string {
  return String(number).padStart(6, "0");
}
