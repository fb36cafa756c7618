import sharp from "sharp";
import type { FailOnOptions, Metadata, Sharp } from "sharp";
import { CorruptFileError, DataError, messageOf, OversizeError, SegkitError } from "../util/errors.ts";
import { withFile } from "../util/read-bounded.node.ts";
import { maxPixels } from "./image.ts";

/** How many pixels a picture may have: a file of a few bytes can state any number. */
export interface PictureLimits {
  /** 100 million where left out: 300 MB as RGB. */
  readonly pixels?: number;
  /**
   * Of a picture that its decoder holds whole: WebP, GIF, progressive JPEG, interlaced PNG; 40 million where left out. They
   * take up to 8 bytes a pixel, others little beside the result.
   */
  readonly heldPixels?: number;
  /** Seconds that decoding may take; 60 where left out, 0 for any. */
  readonly seconds?: number;
}

/** For pictures that are trusted: of any size, decoded for as long as it takes. */
export const anySize: PictureLimits = { pixels: Infinity, heldPixels: Infinity, seconds: 0 };

/** For pictures that are not kept in memory: of any size, unless their decoder holds them whole. */
export const largePictures: PictureLimits = { pixels: Infinity, seconds: 0 };

/** How a picture is read. */
export interface PictureOptions {
  /** What error messages call the picture; its path where left out. */
  readonly name?: string;
  /** How damaged a picture may be: "error" forgives what other decoders forgive too, "warning" nothing. */
  readonly failOn?: FailOnOptions;
  /** The limits to keep instead of the standard ones; of untrusted files no larger ones. */
  readonly limits?: PictureLimits;
}

const standard: Required<PictureLimits> = { pixels: maxPixels, heldPixels: 40_000_000, seconds: 60 };
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
  const { pixels, heldPixels, seconds } = { ...standard, ...limits };
  const source = typeof file === "string" ? await sourceOf(file, name) : known(file, name);
  const open = (most: number): Sharp =>
    sharp(source, { failOn, limitInputPixels: Number.isFinite(most) && most, ignoreIcc: true }).timeout({ seconds });
  try {
    // Few pictures have more pixels than may be held, so only of those is it found out whether they are.
    return await read(open(Math.min(heldPixels, pixels))).catch(async (error: unknown) => {
      if (!isTooLarge(error) || heldPixels >= pixels) throw error;
      const header = await open(pixels).metadata();
      const most = mostPixels(header, limits);
      if (header.height * header.width > most) throw tooLarge(name, most, kindOf(header));
      return read(open(pixels));
    });
  } catch (error) {
    throw pictureError(error, name, { pixels, seconds });
  }
}

/** How many pixels a picture of such a kind may have. */
export function mostPixels({ format, isProgressive }: Metadata, limits: PictureLimits = {}): number {
  const { pixels, heldPixels } = { ...standard, ...limits };
  const isHeld = isProgressive || format === "webp" || format === "gif";
  return isHeld ? Math.min(heldPixels, pixels) : pixels;
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

function kindOf({ format, isProgressive }: Metadata): string {
  return `${isProgressive ? "a progressive " : "a "}${format.toUpperCase()}`;
}

function pictureError(
  error: unknown,
  name: string,
  { pixels, seconds }: { pixels: number; seconds: number },
): SegkitError {
  if (error instanceof SegkitError) return error;
  if (isTooLarge(error)) return tooLarge(name, pixels);
  const reason = messageOf(error);
  if (reason.startsWith("timeout"))
    return new OversizeError(`image ${name} takes more than ${seconds} seconds to decode`, { hint, cause: error });
  // libvips' threads share one error text, so it is only a cause: it may be another file's, or empty.
  if (/unsupported image format/.test(reason)) return notPicture(name, error);
  return new CorruptFileError(`image ${name} is damaged or truncated`, { hint, cause: error });
}

const hint = "Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask.";

function notPicture(name: string, cause?: unknown): CorruptFileError {
  return new CorruptFileError(`image ${name} is no picture of a known format`, { hint, cause });
}

function tooLarge(name: string, pixels: number, kind?: string): OversizeError {
  const limit = `${pixels / 1e6} megapixels`;
  return new OversizeError(
    `image ${name} is over the limit of ${kind === undefined ? limit : `${limit} for ${kind}, which is decoded whole`}`,
    {
      hint: `Cut image and mask into smaller pictures${kind === undefined ? "" : ", or save it as a plain JPEG or PNG"}.`,
    },
  );
}
