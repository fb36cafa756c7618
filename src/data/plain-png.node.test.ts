import { crc32, deflateSync } from "node:zlib";
import { decode, encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { readPngHeader } from "./mask-png.ts";
import { decodePlainPng } from "./plain-png.node.ts";

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length);
  out.write(type, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, -4)), data.length + 8);
  return out;
}

/** A PNG of one channel, whose pixel data are given with the filter byte before every row. */
function png(width: number, height: number, rows: Uint8Array, { parts = 1, colour = 0 } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, colour, 0, 0, 0], 8);
  const data = deflateSync(rows);
  const cut = Math.ceil(data.length / parts);
  const pieces = Array.from({ length: parts }, (_, i) => chunk("IDAT", data.subarray(i * cut, (i + 1) * cut)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const text = chunk("tEXt", Buffer.from("Title\0mask"));
  return Buffer.concat([signature, chunk("IHDR", header), text, ...pieces, chunk("IEND", new Uint8Array(0))]);
}

const plain = (bytes: Buffer) => decodePlainPng(bytes, readPngHeader(bytes)!);

describe("decodePlainPng", () => {
  test("every filter in every row, as fast-png decodes it", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const [width, height] = [1 + random.integer(9), 1 + random.integer(9)];
      const rows = Uint8Array.from({ length: height * (width + 1) }, (_, i) =>
        i % (width + 1) === 0 ? random.integer(5) : random.integer(256),
      );
      const bytes = png(width, height, rows, { parts: 1 + random.integer(3) });
      expect(plain(bytes), `seed ${seed}`).toEqual({ height, width, data: decode(bytes).data });
    }
  });

  test("palette pictures give their indices", () => {
    const data = Uint8Array.of(0, 1, 1, 0, 1, 0);
    const palette = [
      [9, 9, 9],
      [200, 0, 0],
    ];
    const bytes = Buffer.from(encode({ data, width: 3, height: 2, channels: 1, palette }));
    expect(plain(bytes)).toEqual({ data, width: 3, height: 2 });
  });

  test("leaves other kinds and damaged files to others", () => {
    const rows = Uint8Array.of(0, 1, 2, 0, 3, 4);
    const sound = png(2, 2, rows);
    expect(plain(sound)).toEqual({ height: 2, width: 2, data: Uint8Array.of(1, 2, 3, 4) });
    const changed = (at: number) => {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 1;
      return bytes;
    };
    for (let at = 24; at < sound.length; at++) {
      if (readPngHeader(changed(at)) !== null) expect(plain(changed(at)), `byte ${at}`).toBeNull();
    }
    for (let length = 33; length < sound.length; length++) expect(plain(sound.subarray(0, length))).toBeNull();
    expect(plain(png(2, 2, Uint8Array.of(5, 1, 2, 0, 3, 4)))).toBeNull();
    expect(plain(png(2, 2, rows.subarray(0, 5)))).toBeNull();
    expect(plain(png(2, 2, Uint8Array.of(...rows, 7)))).toBeNull();
    const colour = encode({ data: new Uint8Array(12), width: 2, height: 2, channels: 3 });
    expect(plain(Buffer.from(colour))).toBeNull();
    const deep = encode({ data: new Uint16Array(4), width: 2, height: 2, channels: 1, depth: 16 });
    expect(plain(Buffer.from(deep))).toBeNull();
  });
});
