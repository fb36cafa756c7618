import { crc32, inflateSync } from "node:zlib";
import type { IdMask, Size } from "./image.ts";
import type { PngHeader } from "./mask-png.ts";

/**
 * The numbers stored in a sound PNG of the commonest kind: one channel of 8 bits, grey or palette, not interlaced.
 * @returns null for any other kind, and for a file that is damaged in any way: what is wrong is for others to say.
 */
export function decodePlainPng(bytes: Buffer, header: PngHeader): IdMask | null {
  const { height, width, colour, bitDepth, interlaced } = header;
  if (bitDepth !== 8 || interlaced || (colour !== "grey" && colour !== "palette")) return null;
  const rows = pixelRows(bytes, (width + 1) * height);
  return rows && unfiltered(rows, { height, width });
}

/** The inflated pixel data, `length` bytes; null where chunks, their checksums or the length are not as they should be. */
function pixelRows(bytes: Buffer, length: number): Buffer | null {
  const data: Buffer[] = [];
  let at = 8;
  for (let type = ""; type !== "IEND"; at += 12) {
    if (at + 12 > bytes.length) return null;
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) return null;
    type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") data.push(bytes.subarray(at + 8, end));
    at = end - 8;
  }
  try {
    // Everything in one piece, which is not copied.
    const options = { maxOutputLength: length, chunkSize: Math.max(length + 1, 64) };
    const rows = inflateSync(data.length === 1 ? data[0]! : Buffer.concat(data), options);
    return rows.length === length ? rows : null;
  } catch {
    return null;
  }
}

/** Undoes the filters of rows of bytes (PNG specification, section 9); null for a filter that is none. */
function unfiltered(rows: Buffer, { height, width }: Size): IdMask | null {
  const data = new Uint8Array(height * width);
  for (let y = 0, at = 0; y < height; y++, at += width) {
    const from = y * (width + 1) + 1;
    const above = y === 0 ? new Uint8Array(width) : data.subarray(at - width, at);
    const row = data.subarray(at, at + width);
    row.set(rows.subarray(from, from + width));
    const undo = filters[rows[from - 1]!];
    if (undo === undefined) return null;
    undo(row, above);
  }
  return { data, height, width };
}

/** What each filter adds to a row from the pixels left, above, and above left of each; from 0 where there is none. */
const filters: readonly ((row: Uint8Array, above: Uint8Array) => void)[] = [
  () => {},
  (row) => {
    for (let x = 1; x < row.length; x++) row[x]! += row[x - 1]!;
  },
  (row, above) => {
    for (let x = 0; x < row.length; x++) row[x]! += above[x]!;
  },
  (row, above) => {
    for (let x = 0; x < row.length; x++) row[x]! += ((x === 0 ? 0 : row[x - 1]!) + above[x]!) >> 1;
  },
  (row, above) => {
    for (let x = 0, left = 0, corner = 0; x < row.length; x++) {
      const up = above[x]!;
      const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
      const toCorner = Math.abs(left + up - 2 * corner);
      row[x]! += toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      left = row[x]!;
      corner = up;
    }
  },
];
