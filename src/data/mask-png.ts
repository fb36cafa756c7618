import { decode, encode, hasPngSignature } from "fast-png";
import type { DecodedPng } from "fast-png";
import { CorruptFileError, DataError, messageOf, OversizeError } from "../util/errors.ts";
import { maxPixels, sizeText } from "./image.ts";
import type { IdMask, Size } from "./image.ts";
import type { Palette } from "./palette.ts";
import { pixelsOnly } from "./png-chunks.ts";

/** What the first chunk of a PNG says (PNG specification, section 11.2.2). */
export interface PngHeader extends Size {
  readonly bitDepth: number;
  readonly colour: "grey" | "rgb" | "palette" | "grey with alpha" | "rgb with alpha";
  readonly interlaced: boolean;
}

const channels: Readonly<Record<PngHeader["colour"], number>> = {
  grey: 1,
  palette: 1,
  rgb: 3,
  "grey with alpha": 2,
  "rgb with alpha": 4,
};

/** Bytes of a row of pixels, without that of its filter. */
export function rowLength({ width, bitDepth, colour }: PngHeader): number {
  return Math.ceil((width * bitDepth * channels[colour]) / 8);
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
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452 || colour === undefined) return null;
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: bytes[24]!,
    colour,
    interlaced: bytes[28] !== 0,
  };
}

/**
 * The header of a file that is to be a mask: a PNG of at most 8 bits per channel.
 * @param name what error messages call the file.
 * @throws DataError naming what the file is instead, CorruptFileError if it is no picture, OversizeError for more than 100
 * megabytes of pixels.
 */
export function maskHeader(bytes: Uint8Array, name: string): PngHeader {
  const header = readPngHeader(bytes);
  if (header === null) throw notPng(bytes, name);
  if (header.bitDepth > 8) {
    throw new DataError(
      `mask ${name} has 16 bits per ${header.colour.startsWith("rgb") ? "channel" : "pixel"}, but class ids are stored in 8`,
      {
        hint: "Save the ids as an 8-bit grey or palette PNG.",
      },
    );
  }
  if (header.interlaced && header.bitDepth < 8) {
    throw new DataError(`mask ${name} is an interlaced PNG of ${header.bitDepth} bits, which is not supported`, {
      hint: "Save it without interlacing, or with 8 bits per pixel.",
    });
  }
  if (header.width === 0 || header.height === 0 || ![1, 2, 4, 8].includes(header.bitDepth))
    throw damaged(name, `its header states ${sizeText(header)} pixels of ${header.bitDepth} bits`);
  if (rowLength(header) * header.height > maxPixels) throw tooLarge(name, header);
  return header;
}

/**
 * The numbers stored in a grey or palette PNG of 1, 2, 4 or 8 bits, or in one of three equal channels, never colours or
 * brightness; or, with `colours`, for every pixel the position of its colour among them. Alpha is dropped.
 * @param name what error messages call the file.
 * @throws DataError if it is another kind of picture or holds (other) colours, CorruptFileError if it is damaged.
 */
export function decodeMaskPng(bytes: Uint8Array, name: string, colours?: Palette): IdMask {
  const { height, width, colour } = maskHeader(bytes, name);
  let png: DecodedPng;
  try {
    png = decode(pixelsOnly(bytes), { checkCrc: true });
  } catch (error) {
    throw damaged(name, messageOf(error), error);
  }
  if (colours !== undefined) return { data: colourPositions(png, colours, name), height, width };
  const data = png.channels === 1 ? unpackBits(png) : equalChannels(png);
  if (data === null) throw colourMask(name, colour);
  return { data, height, width };
}

/** The first channel, or null where the others (but alpha) differ from it. */
function equalChannels({ data, channels, width, height }: DecodedPng): Uint8Array | null {
  const out = new Uint8Array(width * height);
  for (let i = 0; i < out.length; i++) {
    const value = data[i * channels]!;
    if (channels > 2 && (data[i * channels + 1] !== value || data[i * channels + 2] !== value)) return null;
    out[i] = value;
  }
  return out;
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

/** The position of every pixel's colour among `colours`. */
function colourPositions(png: DecodedPng, colours: Palette, name: string): Uint8Array {
  const key = (r: number, g: number, b: number): number => (r << 16) | (g << 8) | b;
  const positions = new Map(colours.map(([r, g, b], i) => [key(r, g, b), i]));
  const { channels, palette } = png;
  const stored = channels === 1 ? unpackBits(png) : (png.data as Uint8Array);
  const top = palette === undefined && channels < 3 ? 255 / (2 ** png.depth - 1) : 1;
  const pixels = png.width * png.height;
  const out = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const value = stored[i * channels]! * top;
    const [r, g, b] = palette?.[value] ?? [value, value, value];
    const colour = channels >= 3 ? key(value, stored[i * channels + 1]!, stored[i * channels + 2]!) : key(r!, g!, b!);
    const position = positions.get(colour);
    if (position === undefined) throw unlistedColour(name, colour, i, png.width);
    out[i] = position;
  }
  return out;
}

function unlistedColour(name: string, colour: number, pixel: number, width: number): DataError {
  const rgb = [colour >> 16, (colour >> 8) & 255, colour & 255].join(", ");
  const place = `row ${Math.floor(pixel / width)}, column ${pixel % width}`;
  return new DataError(`mask ${name} holds the colour (${rgb}) at ${place}, which stands for no class`, {
    hint: "Add it to the list of colours, or mend the mask; smoothed edges and JPEG make such colours.",
  });
}

function notPng(bytes: Uint8Array, name: string): DataError | CorruptFileError {
  if (bytes.length === 0) return new CorruptFileError(`mask ${name} is empty`, { hint: "Write the mask again." });
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return new DataError(`mask ${name} is a JPEG, which changes pixel values, so they are no class ids`, {
      hint: "Save masks as 8-bit grey or palette PNG, from before they were JPEG; of 0 and 255 alone, use the mask option div (--mask-div).",
    });
  }
  if (bytes.length >= 8 && hasPngSignature(bytes)) return damaged(name, "its header is incomplete");
  return new DataError(`mask ${name} is not a PNG`, { hint: "Save masks as 8-bit grey or palette PNG." });
}

function tooLarge(name: string, header: PngHeader): OversizeError {
  const size = rowLength(header) * header.height === header.width * header.height ? "" : ` of ${header.colour}`;
  return new OversizeError(
    `mask ${name} is ${sizeText(header)}${size}, over the limit of 100 ${size === "" ? "megapixels" : "MB"}`,
    { hint: "Cut image and mask into smaller pictures; a grey or palette mask takes one byte a pixel." },
  );
}

function colourMask(name: string, colour: PngHeader["colour"]): DataError {
  return new DataError(`mask ${name} is a colour picture (${colour}), but a mask holds one class id per pixel`, {
    hint: "Give the colours of the classes with the mask option colours (--mask-colours), or replace them by ids in a grey or palette PNG.",
  });
}
