import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** An archive as the bytes of its tar, whether or not it is packed with gzip. */
export interface PlainTar {
  readonly chunks: Readable;
  /** Bytes of the archive's file that were read so far. */
  readonly bytesRead: () => number;
}

/** Opens an archive. Errors of the disk and of gzip come while its chunks are read. */
export async function openPlainTar(archive: string): Promise<PlainTar> {
  const packed = await beginsLikeGzip(archive);
  const file = createReadStream(archive, { highWaterMark: 2 ** 16 });
  const bytesRead = (): number => file.bytesRead;
  if (!packed) return { chunks: file, bytesRead };
  // Its reader learns of an error from the chunks.
  const chunks = pipeline(file, createGunzip({ chunkSize: 2 ** 16 }), () => {});
  return { chunks, bytesRead };
}

async function beginsLikeGzip(archive: string): Promise<boolean> {
  const handle = await open(archive);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
