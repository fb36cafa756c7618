import { open, readFile } from "node:fs/promises";
import { inflateSync } from "node:zlib";
import sharp from "sharp";
import type { FailOnOptions, Metadata } from "sharp";
import { CorruptFileError, DataError, messageOf } from "../util/errors.ts";
import type { SegkitError } from "../util/errors.ts";
import type { ConvertMode } from "./dataset.ts";
import { maxPixels } from "./image.ts";
import type { IdMask, RgbImage, Size } from "./image.ts";
import { applyTable, divisor, maskTable } from "./mask-options.ts";
import type { MaskOptions } from "./mask-options.ts";
import { damaged, decodeMaskPng, maskHeader, pngHeaderLength } from "./mask-png.ts";
import type { PngHeader } from "./mask-png.ts";
import { decodePlainPng } from "./plain-png.node.ts";

export interface DecodeOptions {
  /** What error messages call the picture; its path where left out. */
  readonly name?: string;
  /** Whether colours are kept or made grey, in three equal channels; "RGB" where left out. */
  readonly convertMode?: ConvertMode;
  /** How damaged a picture may be: "error" forgives what other decoders forgive too, "warning" nothing. */
  readonly failOn?: FailOnOptions;
}

/** What is known of a picture without decoding it. */
export interface ImageHeader extends Size {
  /** EXIF orientation 1–8; 1 is upright. */
  readonly orientation: number;
}

/** What sharp is told about every picture: pixel values as stored, without colour management or rotation. */
function reader(file: string | Uint8Array, failOn: FailOnOptions) {
  return sharp(file, { failOn, limitInputPixels: maxPixels, ignoreIcc: true });
}

/**
 * A picture, a file or its bytes, as 8-bit RGB, height × width × 3. Grey, palette, CMYK and 16-bit pictures are converted, alpha is dropped,
 * and the EXIF orientation is not applied (masks have none).
 * @throws DataError if the file is missing, of an unknown kind or over 100 megapixels; CorruptFileError if damaged.
 * @example const { data: pixels, height, width } = await decodeImage("photo.jpg");
 */
export async function decodeImage(file: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const { name = nameOf(file), failOn = "error", convertMode = "RGB" } = options;
  try {
    const { data, info } = await reader(file, failOn)
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (convertMode === "L") makeGrey(data);
    return { data, height: info.height, width: info.width };
  } catch (error) {
    throw imageError(name, error);
  }
}

/** Size and orientation of a picture from its header. Errors as `decodeImage`. */
export async function readImageHeader(file: string | Uint8Array, options: DecodeOptions = {}): Promise<ImageHeader> {
  const { name = nameOf(file) } = options;
  let header: Metadata;
  try {
    header = await reader(file, "error").metadata();
  } catch (error) {
    throw imageError(name, error);
  }
  return { height: header.height, width: header.width, orientation: header.orientation ?? 1 };
}

function nameOf(file: string | Uint8Array): string {
  return typeof file === "string" ? file : "of bytes";
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
 * @throws DataError if it is missing, another kind of picture or over 100 megapixels; CorruptFileError if damaged.
 * @example const { data: ids } = await decodeMask("mask.png", { masks: { div: 255 } });
 */
export async function decodeMask(file: string, options: MaskDecodeOptions = {}): Promise<IdMask> {
  const mask = await decodeStoredMask(file, options);
  applyTable(mask.data, maskTable(options.masks));
  return mask;
}

/** The numbers of a mask before they are divided and mapped. Errors as `decodeMask`. */
export async function decodeStoredMask(file: string, options: MaskDecodeOptions = {}): Promise<IdMask> {
  const { name = file, masks } = options;
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(name, error);
  });
  if (isJpeg(bytes) && readsJpeg(masks)) return decodeJpegMask(file, name);
  const header = maskHeader(bytes, name);
  const plain = masks?.colours === undefined ? decodePlainPng(bytes, header) : null;
  if (plain !== null) return plain;
  checkInflatedLength(bytes, header, name);
  return decodeMaskPng(bytes, name, masks?.colours);
}

/** What is known of a mask without decoding it. */
export interface MaskHeader extends Size {
  readonly jpeg: boolean;
}

/** The header of a mask, checked to be one `decodeMask` reads. Errors as `decodeMask`. */
export async function readMaskHeader(file: string, options: MaskDecodeOptions = {}): Promise<MaskHeader> {
  const { name = file, masks } = options;
  const bytes = await readStart(file, pngHeaderLength).catch((error: unknown) => {
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

async function readStart(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const channelsOf = { grey: 1, palette: 1, rgb: 3, "grey with alpha": 2, "rgb with alpha": 4 } as const;

/** Refuses pixel data that inflate to more (a decompression bomb) or less than the header says. */
function checkInflatedLength(bytes: Buffer, header: PngHeader, name: string): void {
  const row = Math.ceil((header.width * header.bitDepth * channelsOf[header.colour]) / 8) + 1;
  const expected = row * header.height;
  // Adam7 (only read at 8 bits): seven reduced pictures, each row with its own filter byte.
  const limit = header.interlaced ? expected + 2 * header.height + header.width + 8 : expected;
  let length: number;
  try {
    length = inflateSync(Buffer.concat(pixelChunks(bytes)), { maxOutputLength: limit }).length;
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw damaged(name, tooLong ? "it holds more pixels than its size says" : messageOf(error), error);
  }
  if (length !== expected && !header.interlaced) throw damaged(name, `${length} of ${expected} bytes of pixels`);
}

/** The contents of the IDAT chunks of a PNG. */
function pixelChunks(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") chunks.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return chunks;
}

function imageError(name: string, error: unknown): SegkitError {
  const reason = messageOf(error);
  if (/Input file is missing/.test(reason)) return new DataError(`image ${name} does not exist`, { cause: error });
  if (/pixel limit/.test(reason)) {
    return new DataError(`image ${name} is over the limit of 100 megapixels`, {
      hint: "Cut image and mask into smaller pictures.",
      cause: error,
    });
  }
  // libvips' threads share one error text, so it is only a cause: it may be another file's, or empty.
  const fault = /unsupported image format/.test(reason) ? "is no picture of a known format" : "is damaged or truncated";
  return new CorruptFileError(`image ${name} ${fault}`, {
    hint: "Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask.",
    cause: error,
  });
}

function fileError(name: string, error: unknown): DataError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new DataError(`mask ${name} does not exist`, { cause: error });
  return new DataError(`mask ${name} cannot be read (${code ?? messageOf(error)})`, { cause: error });
}
