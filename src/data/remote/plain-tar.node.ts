import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CorruptFileError } from "../../util/errors.ts";
import { readHead } from "../../util/read-bounded.node.ts";

/** An archive as the bytes of its tar, whether or not it is packed with gzip. */
export interface PlainTar {
  readonly chunks: Readable;
  /** Bytes of the archive's file that were read so far. */
  readonly bytesRead: () => number;
}

/**
 * Opens an archive. Errors of the disk and of gzip come while its chunks are read. Throws a CorruptFileError for a zip
 * archive.
 */
export async function openPlainTar(archive: string): Promise<PlainTar> {
  const start = await startOf(archive);
  if (start.startsWith("504b"))
    throw new CorruptFileError(`${archive} is a zip archive, but a tar archive was expected, with or without gzip`, {
      hint: "Unpack it, and name the folder.",
    });
  const packed = start === "1f8b";
  const file = createReadStream(archive, { highWaterMark: 2 ** 16 });
  const bytesRead = (): number => file.bytesRead;
  if (!packed) return { chunks: file, bytesRead };
  // Its reader learns of an error from the chunks.
  const chunks = pipeline(file, createGunzip({ chunkSize: 2 ** 16 }), () => {});
  return { chunks, bytesRead };
}

/** The first two bytes, in hex. */
async function startOf(archive: string): Promise<string> {
  const { head } = await readHead(archive, 2, "Give the path of an archive.");
  return Buffer.from(head).toString("hex");
}
