import sharp from "sharp";
import type { FailOnOptions, Sharp } from "sharp";
import { CorruptFileError, DataError, messageOf, OversizeError, SegkitError } from "../util/errors.ts";
import { withFile } from "../util/read-bounded.node.ts";
import { limitFault, type PictureLimits, withStandard } from "./picture-limits.ts";

/** How a picture is read. */
export interface PictureOptions {
  /** What error messages call the picture; its path where left out. */
  readonly name?: string;
  /** How damaged a picture may be: "error" forgives what other decoders forgive too, "warning" nothing. */
  readonly failOn?: FailOnOptions;
  /** The limits to keep instead of the standard ones; of untrusted files no larger ones. */
  readonly limits?: PictureLimits;
}

/** Larger files are left to the decoder to read. */
const readWhole = 2 ** 25;

/** The first bytes, in hex, of JPEG, PNG, WebP, TIFF and GIF. Other kinds that sharp knows, such as SVG, can name other files. */
const signature =
  /^(ffd8ff|89504e470d0a1a0a|52494646.{8}57454250|49492a00|49492b0008|4d4d002a|4d4d002b0008|474946383[79]61)/;

/**
 * What `read` makes of a picture, a file or its bytes: pixel values as stored, without colour management or rotation. It may
 * be called a second time, for a picture of many pixels.
 * @throws DataError if the file is missing or cannot be read; CorruptFileError if it is no JPEG, PNG, WebP, TIFF or GIF, or
 * damaged; OversizeError beyond the limits.
 */
export async function readPicture<T>(
  file: string | Uint8Array,
  { name = nameOf(file), failOn = "error", limits = {} }: PictureOptions,
  read: (picture: Sharp) => Promise<T>,
): Promise<T> {
  const { pixels, unasked, seconds } = withStandard(limits);
  const source = typeof file === "string" ? await sourceOf(file, name) : known(file, name);
  const open = (most: number): Sharp =>
    sharp(source, { failOn, limitInputPixels: Number.isFinite(most) && most, ignoreIcc: true }).timeout({ seconds });
  try {
    // Few pictures are so large that it matters of what kind they are, so only those are asked.
    return await read(open(unasked)).catch(async (error: unknown) => {
      if (!isTooLarge(error)) throw error;
      const fault = limitFault(await open(Infinity).metadata(), limits);
      if (fault !== null) throw tooLarge(name, fault);
      return read(open(pixels));
    });
  } catch (error) {
    throw pictureError(error, name, seconds);
  }
}

/** Closes all of libvips' other loaders in this process: defence in depth for a process that is segkit's own. */
export function closeOtherLoaders(): void {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({
    operation: ["Jpeg", "Png", "Webp", "Tiff", "Nsgif"].map((kind) => `VipsForeignLoad${kind}`),
  });
}

function nameOf(file: string | Uint8Array): string {
  return typeof file === "string" ? file : "of bytes";
}

/** A file's bytes, or its path where they are many. */
async function sourceOf(file: string, name: string): Promise<Uint8Array | string> {
  try {
    return await withFile(
      file,
      async (handle, size) => {
        if (size <= readWhole) return known(await handle.readFile(), name);
        const { buffer } = await handle.read(new Uint8Array(16), 0, 16, 0);
        known(buffer, name);
        return file;
      },
      `image ${name}`,
    );
  } catch (error) {
    if (error instanceof SegkitError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new DataError(`image ${name} does not exist`, { cause: error });
    throw new DataError(`image ${name} cannot be read (${code ?? messageOf(error)})`, { cause: error });
  }
}

/** Whether bytes begin like a picture of a kind that is read. */
export function beginsLikePicture(bytes: Uint8Array): boolean {
  return signature.test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString("hex"));
}

function known(bytes: Uint8Array, name: string): Uint8Array {
  if (beginsLikePicture(bytes)) return bytes;
  throw notPicture(name);
}

function isTooLarge(error: unknown): boolean {
  return /pixel limit/.test(messageOf(error));
}

function pictureError(error: unknown, name: string, seconds: number): SegkitError {
  if (error instanceof SegkitError) return error;
  const reason = messageOf(error);
  if (reason.startsWith("timeout")) return tooLarge(name, `takes more than ${seconds} seconds to decode`);
  // libvips' threads share one error text, so it is only a cause: it may be another file's, or empty.
  if (/unsupported image format/.test(reason)) return notPicture(name, error);
  return new CorruptFileError(`image ${name} is damaged or truncated`, { hint, cause: error });
}

const hint = "Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask.";

function notPicture(name: string, cause?: unknown): CorruptFileError {
  return new CorruptFileError(`image ${name} is no picture of a known format`, { hint, cause });
}

function tooLarge(name: string, fault: string): OversizeError {
  return new OversizeError(`image ${name} ${fault}`, {
    hint: "Cut image and mask into smaller pictures, or save the image as a plain JPEG or PNG.",
  });
}
