import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createInflate } from "node:zlib";
import { DataError, messageOf, SegkitError } from "../util/errors.ts";
import { readBounded, withFile } from "../util/read-bounded.node.ts";
import type { ConvertMode } from "./dataset.ts";
import type { IdMask, RgbImage, Size } from "./image.ts";
import { applyTable, divisor, maskTable } from "./mask-options.ts";
import type { MaskOptions } from "./mask-options.ts";
import { damaged, decodeMaskPng, maskHeader, pngHeaderLength, rowLength } from "./mask-png.ts";
import type { PngHeader } from "./mask-png.ts";
import { decodePlainPng } from "./plain-png.node.ts";
import { pngChunks } from "./png-chunks.ts";
import { largePictures } from "./picture-limits.ts";
import { type PictureOptions, readPicture } from "./read-picture.node.ts";

export interface DecodeOptions extends PictureOptions {
  /** Whether colours are kept or made grey, in three equal channels; "RGB" where left out. */
  readonly convertMode?: ConvertMode;
}

/** What is known of a picture without decoding it. */
export interface ImageHeader extends Size {
  /** EXIF orientation 1–8; 1 is upright. */
  readonly orientation: number;
}

/**
 * A picture, a file or its bytes, as 8-bit RGB, height × width × 3. Grey, palette, CMYK and 16-bit pictures are converted, alpha is dropped,
 * and the EXIF orientation is not applied (masks have none).
 * @throws DataError if the file is missing or cannot be read; CorruptFileError if it is no JPEG, PNG, WebP, TIFF or GIF, or
 * damaged; OversizeError if it has more pixels than `limits` allow: 100 megapixels, or 40 where the decoder holds all of them.
 * @example const { data: pixels, height, width } = await decodeImage("photo.jpg");
 */
export async function decodeImage(file: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const { data, info } = await readPicture(file, options, (picture) =>
    picture.toColourspace("srgb").removeAlpha().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }),
  );
  if (options.convertMode === "L") makeGrey(data);
  return { data, height: info.height, width: info.width };
}

/**
 * Decodes a picture of any size, from top to bottom in one pass, into a file of libvips' own kind, whose name ends with .v:
 * after 64 bytes the pixels, as `decodeImage` gives them. Errors as `decodeImage`, but for the size.
 */
export async function decodeOntoDisk(file: string, target: string): Promise<Size> {
  const { height, width } = await readPicture(file, { limits: largePictures }, (picture) =>
    picture.toColourspace("srgb").removeAlpha().toFile(target),
  );
  return { height, width };
}

/** Size and orientation of a picture from its header. Errors as `decodeImage`. */
export async function readImageHeader(file: string | Uint8Array, options: PictureOptions = {}): Promise<ImageHeader> {
  const { height, width, orientation = 1 } = await readPicture(file, options, (picture) => picture.metadata());
  return { height, width, orientation };
}

export interface MaskDecodeOptions {
  /** What error messages call the file; its path where left out. */
  readonly name?: string;
  /** How its pixels become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions | undefined;
}

/**
 * The class ids of a mask, height × width: the numbers stored in a grey or palette PNG of 1, 2, 4 or 8 bits (or one of
 * three equal channels), or what the mask options make of them.
 * @throws DataError if it is missing or another kind of picture; CorruptFileError if damaged; OversizeError if it has more
 * than 100 megabytes of pixels.
 * @example const { data: ids } = await decodeMask("mask.png", { masks: { div: 255 } });
 */
export async function decodeMask(file: string, options: MaskDecodeOptions = {}): Promise<IdMask> {
  const mask = await decodeStoredMask(file, options);
  applyTable(mask.data, maskTable(options.masks));
  return mask;
}

/** Of a mask file: as many as 100 megapixels that cannot be compressed take. */
export const mostMaskBytes = 2 ** 27;

/** The numbers of a mask before they are divided and mapped. Errors as `decodeMask`. */
export async function decodeStoredMask(file: string, options: MaskDecodeOptions = {}): Promise<IdMask> {
  const { name = file, masks } = options;
  const bytes = await readBounded(file, mostMaskBytes, `mask ${name}`).catch((error: unknown) => {
    throw fileError(name, error);
  });
  if (isJpeg(bytes) && readsJpeg(masks)) return decodeJpegMask(file, name);
  const header = maskHeader(bytes, name);
  const plain = masks?.colours === undefined ? decodePlainPng(bytes, header) : null;
  if (plain !== null) return plain;
  await checkInflatedLength(bytes, header, name);
  return decodeMaskPng(bytes, name, masks?.colours);
}

/** What is known of a mask without decoding it. */
export interface MaskHeader extends Size {
  readonly jpeg: boolean;
}

/** The header of a mask, checked to be one `decodeMask` reads. Errors as `decodeMask`. */
export async function readMaskHeader(file: string, options: MaskDecodeOptions = {}): Promise<MaskHeader> {
  const { name = file, masks } = options;
  const bytes = await readStart(file, name).catch((error: unknown) => {
    throw fileError(name, error);
  });
  if (isJpeg(bytes) && readsJpeg(masks)) return { ...(await readImageHeader(file, { name })), jpeg: true };
  return { ...maskHeader(bytes, name), jpeg: false };
}

/** JPEG changes values a little, which only a division by a large number undoes. */
function readsJpeg(masks: MaskOptions | undefined): boolean {
  return masks !== undefined && masks.colours === undefined && divisor(masks) >= 16;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

async function decodeJpegMask(file: string, name: string): Promise<IdMask> {
  const { data, height, width } = await decodeImage(file, { name, convertMode: "L" });
  return { data: Uint8Array.from({ length: height * width }, (_, i) => data[3 * i]!), height, width };
}

/** Brightness in the place of every channel, by the weights of PIL's mode "L" (fastai-spec §2.4). */
function makeGrey(data: Uint8Array): void {
  for (let i = 0; i < data.length; i += 3) {
    data.fill((19595 * data[i]! + 38470 * data[i + 1]! + 7471 * data[i + 2]! + 32768) >>> 16, i, i + 3);
  }
}

function readStart(file: string, name: string): Promise<Uint8Array> {
  const read = async (handle: FileHandle): Promise<Uint8Array> => {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(pngHeaderLength), 0, pngHeaderLength, 0);
    return buffer.subarray(0, bytesRead);
  };
  return withFile(file, read, `mask ${name}`);
}

/** Refuses pixel data that inflate to more (a decompression bomb) or less than the header says. */
async function checkInflatedLength(bytes: Buffer, header: PngHeader, name: string): Promise<void> {
  const expected = (rowLength(header) + 1) * header.height;
  // Adam7 (only read at 8 bits): seven reduced pictures, each row with its own filter byte.
  const limit = header.interlaced ? expected + 2 * header.height + header.width + 8 : expected;
  const packed = [...pngChunks(bytes)].filter(({ type }) => type === "IDAT").map(({ data }) => data);
  let length = 0;
  try {
    // Its reader learns of an error from the pieces.
    for await (const piece of pipeline(Readable.from(packed), createInflate(), () => {})) {
      length += (piece as Buffer).length;
      if (length > limit) break;
    }
  } catch (error) {
    throw damaged(name, messageOf(error), error);
  }
  if (length > limit) throw damaged(name, "it holds more pixels than its size says");
  if (length !== expected && !header.interlaced) throw damaged(name, `${length} of ${expected} bytes of pixels`);
}

function fileError(name: string, error: unknown): SegkitError {
  if (error instanceof SegkitError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new DataError(`mask ${name} does not exist`, { cause: error });
  return new DataError(`mask ${name} cannot be read (${code ?? messageOf(error)})`, { cause: error });
}
