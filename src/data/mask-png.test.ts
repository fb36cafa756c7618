import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeMaskPng, encodeMaskPng, readPngHeader } from "./mask-png.ts";
import { distinctColours } from "./palette.ts";

/** Rows of ids packed into bytes, as a PNG of fewer than 8 bits stores them. */
function pack(ids: readonly (readonly number[])[], depth: number): Uint8Array {
  return Uint8Array.from(
    ids.flatMap((row) => {
      const bits = row.map((id) => id.toString(2).padStart(depth, "0")).join("");
      return bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
    }),
  );
}

describe("decodeMaskPng", () => {
  const cases = ([1, 2, 4, 8] as const).flatMap((depth) => [
    { depth, kind: "grey" as const },
    { depth, kind: "palette" as const },
  ]);
  test.each(cases)("$kind of $depth bits: the stored numbers", ({ depth, kind }) => {
    const height = 3;
    const width = 11; // no multiple of the pixels in a byte
    const rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => (7 * y + 5 * x) % 2 ** depth),
    );
    const palette = distinctColours(Math.max(2 ** depth, 2)).map((colour) => [...colour]);
    const bytes = encode({
      data: pack(rows, depth),
      width,
      height,
      depth,
      channels: 1,
      ...(kind === "palette" ? { palette } : {}),
    });
    expect(readPngHeader(bytes)).toEqual({ width, height, bitDepth: depth, colour: kind, interlaced: false });
    expect(decodeMaskPng(bytes, "m.png")).toEqual({ data: Uint8Array.from(rows.flat()), height, width });
  });

  test("a palette PNG of another encoder: indices follow its palette", async () => {
    const rgb = Buffer.from([255, 0, 0, 0, 0, 255, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 0, 0]);
    const raw = { width: 3, height: 2, channels: 3 } as const;
    for (const progressive of [false, true]) {
      const bytes = await sharp(rgb, { raw }).png({ palette: true, colours: 2, dither: 0, progressive }).toBuffer();
      if (progressive && readPngHeader(bytes)!.bitDepth < 8) continue;
      const { data } = decodeMaskPng(bytes, "m.png");
      expect([...data].map((id) => id === data[0])).toEqual([true, false, false, true, false, true]);
    }
  });

  test("an interlaced grey PNG of 8 bits", async () => {
    const ids = Uint8Array.from({ length: 17 * 13 }, (_, i) => i % 12);
    const raw = { width: 17, height: 13, channels: 1 } as const;
    const bytes = await sharp(ids, { raw }).toColourspace("b-w").png({ progressive: true }).toBuffer();
    expect(readPngHeader(bytes)).toMatchObject({ interlaced: true, bitDepth: 8, colour: "grey" });
    expect(decodeMaskPng(bytes, "m.png").data).toEqual(ids);
  });

  const grey = encode({ data: new Uint8Array(100).map((_, i) => i % 7), width: 10, height: 10, channels: 1 });
  const png = (channels: number, depth: 8 | 16 = 8) =>
    encode({
      data: (depth === 8 ? new Uint8Array(4 * channels) : new Uint16Array(4 * channels)).map((_, i) => i),
      width: 2,
      height: 2,
      channels,
      depth,
    });
  const flipped = grey.slice();
  flipped[50]! ^= 1;
  const interlaced = encode({ data: pack([[1, 0, 1]], 1), width: 3, height: 1, depth: 1, channels: 1 });
  interlaced[28] = 1;
  const huge = grey.slice();
  new DataView(huge.buffer, huge.byteOffset).setUint32(16, 20_000_000);

  test.each([
    ["rgb", png(3), 3, "mask m.png is a colour picture (rgb), but a mask holds one class id per pixel"],
    ["alpha", png(4), 3, "mask m.png is a colour picture (rgb with alpha), but a mask holds one class id per pixel"],
    ["16 bits", png(1, 16), 3, "mask m.png has 16 bits per pixel, but class ids are stored in 8"],
    [
      "a JPEG",
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
      3,
      "mask m.png is a JPEG, which changes pixel values, so they are no class ids",
    ],
    ["text", new TextEncoder().encode("hello"), 3, "mask m.png is not a PNG"],
    ["nothing", new Uint8Array(0), 7, "mask m.png is empty"],
    ["a signature", grey.slice(0, 20), 7, "mask m.png is damaged or truncated: its header is incomplete"],
    ["half of it", grey.slice(0, grey.length - 30), 7, expect.stringMatching(/^mask m\.png is damaged or truncated: /)],
    ["a flipped bit", flipped, 7, expect.stringMatching(/^mask m\.png is damaged or truncated: CRC mismatch/)],
    ["interlaced bits", interlaced, 3, "mask m.png is an interlaced PNG of 1 bits, which is not supported"],
    ["too large", huge, 7, "mask m.png is 10×20000000, over the limit of 100 megapixels"],
  ])("%s is refused", (_, bytes, exitCode, message) => {
    expect(() => decodeMaskPng(bytes, "m.png")).toThrowError(
      expect.objectContaining({ message, exitCode, hint: expect.any(String) }),
    );
  });
});

test("encodeMaskPng: ids as indices, and their colours for every other reader", async () => {
  const palette = distinctColours(40);
  const data = Uint8Array.from({ length: 35 }, (_, i) => i + 5);
  const bytes = encodeMaskPng({ data, height: 5, width: 7 }, palette);
  expect(decodeMaskPng(bytes, "m.png")).toEqual({ data, height: 5, width: 7 });
  const colours = await sharp(bytes).raw().toBuffer();
  expect([...colours]).toEqual([...data].flatMap((id) => [...palette[id]!]));
});
