import { close, open, read, write } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireDiskRoom } from "../util/disk-room.node.ts";
import { messageOf, ResourceError } from "../util/errors.ts";
import { decodeOntoDisk, readImageHeader } from "./decode.node.ts";
import type { Size } from "./image.ts";
import { largePictures } from "./picture-limits.ts";

const [openFile, readFile, writeFile, closeFile] = [
  promisify(open),
  promisify(read),
  promisify(write),
  promisify(close),
];

/** An open file of pixels as plain data: its descriptor is the whole process's, so other threads can read it too. */
export interface PixelRowsFile extends Size {
  readonly descriptor: number;
  /** Bytes of a pixel. */
  readonly channels: number;
  /** Bytes of the file before its pixels. */
  readonly from: number;
}

/** Bytes of the header of libvips' own kind of file. */
const vipsHeader = 64;

/**
 * Pixels on the disk, uncompressed, row after row, of which any rows can be read or written. The file has no name any more:
 * the disk has its space back when it is closed, or the process ends.
 */
export class PixelRows implements Size {
  readonly height: number;
  readonly width: number;
  /** The file, as other threads take it. */
  readonly file: PixelRowsFile;

  /** Pixels of a file that is open. */
  constructor(file: PixelRowsFile) {
    this.file = file;
    [this.height, this.width] = [file.height, file.width];
  }

  /**
   * A picture of any size, decoded once from top to bottom, 8-bit RGB; `folder` is where it needs 3 bytes a pixel. Throws what
   * `decodeImage` throws, a ResourceError where the disk is full.
   */
  static async ofPicture(picture: string, folder: string): Promise<PixelRows> {
    const { height, width } = await readImageHeader(picture, { limits: largePictures });
    return PixelRows.#in(folder, { height, width, channels: 3, from: vipsHeader }, async (target) => {
      await decodeOntoDisk(picture, target).catch(async (error: unknown) => {
        // libvips does not tell a full disk from a damaged picture.
        await requireDiskRoom(target, 2 ** 20);
        throw error;
      });
    });
  }

  /** A mask that is to be written, one byte a pixel. Throws a ResourceError where the disk has no room for it. */
  static async forMask({ height, width }: Size, folder: string): Promise<PixelRows> {
    return PixelRows.#in(folder, { height, width, channels: 1, from: 0 }, async () => {});
  }

  static async #in(
    folder: string,
    file: Omit<PixelRowsFile, "descriptor">,
    fill: (target: string) => Promise<void>,
  ): Promise<PixelRows> {
    await requireDiskRoom(join(folder, "pixels"), file.height * file.width * file.channels);
    const place = await mkdtemp(join(folder, ".pixels-")).catch((error: unknown) => {
      throw new ResourceError(`folder ${folder} cannot be written: ${messageOf(error)}`, {
        hint: "Choose a folder that can be written.",
        cause: error,
      });
    });
    try {
      const target = join(place, "pixels.v");
      await fill(target);
      return new PixelRows({ ...file, descriptor: await openFile(target, file.from > 0 ? "r" : "w+") });
    } finally {
      await rm(place, { recursive: true, force: true }).catch(() => {});
    }
  }

  /** The pixels of `count` rows from `top` on. */
  async read(top: number, count: number): Promise<Uint8Array> {
    const { descriptor } = this.file;
    const bytes = new Uint8Array(count * this.#row);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await readFile(descriptor, bytes, done, bytes.length - done, this.#at(top) + done);
      if (bytesRead === 0) throw new ResourceError(`rows from ${top} on cannot be read from the disk`);
      done += bytesRead;
    }
    return bytes;
  }

  /** Writes whole rows from `top` on. Throws a ResourceError where the disk is full. */
  async write(top: number, rows: Uint8Array): Promise<void> {
    const { descriptor } = this.file;
    for (let done = 0; done < rows.length;) {
      const at = this.#at(top) + done;
      const { bytesWritten } = await writeFile(descriptor, rows, done, rows.length - done, at).catch(
        (error: unknown) => {
          throw new ResourceError(`rows from ${top} on cannot be written: ${messageOf(error)}`, {
            hint: "Free some disk space, or choose a folder on another disk.",
            cause: error,
          });
        },
      );
      done += bytesWritten;
    }
  }

  /** Closes it; its pixels are gone. */
  async close(): Promise<void> {
    await closeFile(this.file.descriptor);
  }

  get #row(): number {
    return this.width * this.file.channels;
  }

  #at(top: number): number {
    return this.file.from + top * this.#row;
  }
}
