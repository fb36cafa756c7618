import { decode, encode, hasPngSignature } from "fast-png";
import type { DecodedPng } from "fast-png";
import { CorruptFileError, DataError, messageOf } from "../util/errors.ts";
import { maxPixels, sizeText } from "./image.ts";
import type { IdMask, Size } from "./image.ts";
import type { Palette } from "./palette.ts";

/** What the first chunk of a PNG says (PNG specification, section 11.2.2). */
export interface PngHeader extends Size {
  readonly bitDepth: number;
  readonly colour: "grey" | "rgb" | "palette" | "grey with alpha" | "rgb with alpha";
  readonly interlaced: boolean;
}

/** How many bytes of a file `readPngHeader` looks at. */
export const pngHeaderLength = 33;

const colours = new Map<number, PngHeader["colour"]>([
  [0, "grey"],
  [2, "rgb"],
  [3, "palette"],
  [4, "grey with alpha"],
  [6, "rgb with alpha"],
]);

/** The header of a PNG, or null where `bytes` do not begin like one. */
export function readPngHeader(bytes: Uint8Array): PngHeader | null {
  if (bytes.length < pngHeaderLength || !hasPngSignature(bytes)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colour = colours.get(bytes[25]!);
  if (view.getUint32(12) !== 0x49484452 || colour === undefined) return null;
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: bytes[24]!,
    colour,
    interlaced: bytes[28] !== 0,
  };
}

/**
 * The header of a file that is to be a mask: a grey or palette PNG of at most 8 bits.
 * @param name what error messages call the file.
 * @throws DataError naming what the file is instead, CorruptFileError if it is no picture.
 */
export function maskHeader(bytes: Uint8Array, name: string): PngHeader {
  const header = readPngHeader(bytes);
  if (header === null) throw notPng(bytes, name);
  if (header.colour !== "grey" && header.colour !== "palette") throw colourMask(name, header.colour);
  if (header.bitDepth > 8) {
    throw new DataError(`mask ${name} has 16 bits per pixel, but class ids are stored in 8`, {
      hint: "Save the ids as an 8-bit grey or palette PNG.",
    });
  }
  if (header.interlaced && header.bitDepth < 8) {
    throw new DataError(`mask ${name} is an interlaced PNG of ${header.bitDepth} bits, which is not supported`, {
      hint: "Save it without interlacing, or with 8 bits per pixel.",
    });
  }
  if (header.width * header.height > maxPixels) {
    throw new DataError(`mask ${name} is ${sizeText(header)}, over the limit of 100 megapixels`, {
      hint: "Cut image and mask into smaller pictures.",
    });
  }
  return header;
}

/**
 * Class ids from a grey or palette PNG of 1, 2, 4 or 8 bits: the stored numbers, never colours or brightness.
 * @param name what error messages call the file.
 * @throws DataError if it is another kind of picture, CorruptFileError if it is damaged.
 */
export function decodeMaskPng(bytes: Uint8Array, name: string): IdMask {
  const { height, width } = maskHeader(bytes, name);
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw damaged(name, messageOf(error), error);
  }
  return { data: unpackBits(png), height, width };
}

/** An error for a mask that cannot be decoded. */
export function damaged(name: string, reason: string, cause?: unknown): CorruptFileError {
  return new CorruptFileError(`mask ${name} is damaged or truncated: ${reason}`, {
    hint: "Copy the file again from its source, or remove it with its image.",
    cause,
  });
}

/**
 * A palette PNG whose pixel values are the class ids.
 * @param ids height × width, below the palette's length.
 */
export function encodeMaskPng(mask: IdMask, palette: Palette): Uint8Array {
  return encode(
    { data: mask.data, width: mask.width, height: mask.height, channels: 1, palette: palette.map((c) => [...c]) },
    { zlib: { level: 6 } },
  );
}

/** PNG packs pixels of less than 8 bits into bytes, each row from a new byte, the leftmost pixel in the high bits. */
function unpackBits({ data, width, height, depth }: DecodedPng): Uint8Array {
  if (depth === 8) return data as Uint8Array;
  const ids = new Uint8Array(width * height);
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const lowBits = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)]!;
      ids[y * width + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & lowBits;
    }
  }
  return ids;
}

function notPng(bytes: Uint8Array, name: string): DataError | CorruptFileError {
  if (bytes.length === 0) return new CorruptFileError(`mask ${name} is empty`, { hint: "Write the mask again." });
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return new DataError(`mask ${name} is a JPEG, which changes pixel values, so they are no class ids`, {
      hint: "Save masks as 8-bit grey or palette PNG, from before they were JPEG.",
    });
  }
  if (bytes.length >= 8 && hasPngSignature(bytes)) return damaged(name, "its header is incomplete");
  return new DataError(`mask ${name} is not a PNG`, { hint: "Save masks as 8-bit grey or palette PNG." });
}

function colourMask(name: string, colour: PngHeader["colour"]): DataError {
  return new DataError(`mask ${name} is a colour picture (${colour}), but a mask holds one class id per pixel`, {
    hint: "Replace every colour by the id of its class and save the mask as an 8-bit grey or palette PNG.",
  });
}
