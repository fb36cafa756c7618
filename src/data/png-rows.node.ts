import { pipeline, Readable } from "node:stream";
import { createDeflate, crc32 } from "node:zlib";
import type { Size } from "./image.ts";
import type { Palette } from "./palette.ts";

/** What a PNG that is written row by row is of: 8 bits a channel, class ids with their colours, or red, green and blue. */
export interface PngRowsOptions extends Size {
  /** The colours of the ids; without it, rows hold three channels. */
  readonly palette?: Palette;
}

/**
 * A PNG (PNG specification, third edition) made while its rows come, from top to bottom, several whole ones at a time: in
 * memory are only those. It is read like any other one.
 */
export async function* pngOfRows(
  { height, width, palette }: PngRowsOptions,
  rows: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const channels = palette ? 1 : 3;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, palette ? 3 : 2], 8);
  yield Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  yield chunk("IHDR", header);
  if (palette) yield chunk("PLTE", Uint8Array.from(palette.flat()));
  const deflate = createDeflate();
  // An error of the rows destroys the stream with it, so that reading it throws.
  pipeline(Readable.from(filtered(rows, width * channels, channels)), deflate, () => {});
  for await (const data of deflate as AsyncIterable<Buffer>) yield chunk("IDAT", data);
  yield chunk("IEND", new Uint8Array());
}

/** Rows behind the number of their filter: none for ids; colours less those to their left, which packs them better. */
async function* filtered(
  strips: AsyncIterable<Uint8Array>,
  length: number,
  channels: number,
): AsyncGenerator<Uint8Array, void, void> {
  const sub = channels === 1 ? 0 : 1;
  for await (const strip of strips) {
    const rows = strip.length / length;
    const out = new Uint8Array(rows * (length + 1));
    for (let y = 0; y < rows; y++) {
      const row = strip.subarray(y * length, (y + 1) * length);
      const to = y * (length + 1) + 1;
      out[to - 1] = sub;
      out.set(row, to);
      if (sub) for (let i = channels; i < length; i++) out[to + i] = row[i]! - row[i - channels]!;
    }
    yield out;
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}
