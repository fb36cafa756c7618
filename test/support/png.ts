import { crc32, deflateSync } from "node:zlib";

/** What a header of a PNG says. */
export interface PngFields {
  readonly width: number;
  readonly height: number;
  /** Bits of a channel; 8 where left out. */
  readonly bits?: number;
  /** The colour type; 0, grey, where left out. */
  readonly colour?: number;
  readonly interlaced?: boolean;
}

/** A chunk of a PNG, its checksum right. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** A PNG with any header one likes, whatever its pixels, which are bytes that are not packed yet. */
export function pngOf(fields: PngFields, pixels: Uint8Array, more: readonly Buffer[] = []): Buffer {
  return pngOfPacked(fields, deflateSync(pixels), more);
}

/** As `pngOf`, of bytes that are packed. */
export function pngOfPacked(
  { width, height, bits = 8, colour = 0, interlaced = false }: PngFields,
  packed: Uint8Array,
  more: readonly Buffer[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, colour, 0, 0, Number(interlaced)], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    pngChunk("IHDR", header),
    ...more,
    pngChunk("IDAT", packed),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}
