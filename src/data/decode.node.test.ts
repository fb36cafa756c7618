import { writeFile } from "node:fs/promises";
import path from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { decodeImage, decodeMask, readImageHeader, readMaskHeader } from "./decode.node.ts";
import { pngChunk, pngOf } from "../../test/support/png.ts";
import type { Palette } from "./palette.ts";
import { anySize } from "./picture-limits.ts";

const width = 5;
const height = 4;
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 41) % 256);
const raw = { width, height, channels: 3 } as const;
let folder: string;
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await tempFolder();
});

describe("decodeImage", () => {
  test("lossless RGB comes back as it is", async () => {
    await sharp(rgb, { raw }).png().toFile(file("a.png"));
    const image = await decodeImage(file("a.png"));
    expect(image).toMatchObject({ height, width });
    expect([...image.data]).toEqual([...rgb]);
  });

  test("alpha is dropped, not blended", async () => {
    const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
      i % 4 === 3 ? 7 : rgb[(i >> 2) * 3 + (i % 4)]!,
    );
    await sharp(rgba, { raw: { ...raw, channels: 4 } })
      .png()
      .toFile(file("rgba.png"));
    expect([...(await decodeImage(file("rgba.png"))).data]).toEqual([...rgb]);
  });

  test("grey of 8 and of 16 bits becomes three equal channels", async () => {
    const grey = Uint8Array.from({ length: width * height }, (_, i) => i * 12);
    await writeFile(file("g8.png"), encode({ data: grey, width, height, channels: 1 }));
    const grey16 = Uint16Array.from(grey, (v) => v * 257);
    await writeFile(file("g16.png"), encode({ data: grey16, width, height, channels: 1, depth: 16 }));
    const expected = [...grey].flatMap((v) => [v, v, v]);
    expect([...(await decodeImage(file("g8.png"))).data]).toEqual(expected);
    expect([...(await decodeImage(file("g16.png"))).data]).toEqual(expected);
  });

  test("palette pictures become their colours", async () => {
    const palette = [
      [1, 2, 3],
      [250, 100, 50],
    ];
    await writeFile(
      file("p.png"),
      encode({ data: Uint8Array.of(0, 1, 1, 0), width: 2, height: 2, channels: 1, palette }),
    );
    expect([...(await decodeImage(file("p.png"))).data]).toEqual([1, 2, 3, 250, 100, 50, 250, 100, 50, 1, 2, 3]);
  });

  test("CMYK becomes RGB", async () => {
    const red = await sharp({ create: { ...raw, background: "#d01010" } })
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    await writeFile(file("cmyk.jpg"), red);
    const { data } = await decodeImage(file("cmyk.jpg"));
    expect(data.length).toBe(width * height * 3);
    expect(data[0]! - data[1]!).toBeGreaterThan(100);
  });

  test("EXIF orientation is reported, not applied", async () => {
    await sharp(rgb, { raw }).withMetadata({ orientation: 6 }).jpeg().toFile(file("turned.jpg"));
    expect(await readImageHeader(file("turned.jpg"))).toEqual({ height, width, orientation: 6 });
    expect(await decodeImage(file("turned.jpg"))).toMatchObject({ height, width });
  });

  test("what is damaged or missing is named, with an exit code", async () => {
    const jpeg = await sharp({
      create: {
        width: 300,
        height: 200,
        channels: 3,
        background: "#444",
        noise: { type: "gaussian", mean: 128, sigma: 40 },
      },
    })
      .jpeg()
      .toBuffer();
    await writeFile(file("half.jpg"), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(file("text.jpg"), "hello");
    await writeFile(file("zero.jpg"), "");
    await expect(decodeImage(file("half.jpg"), { name: "half.jpg" })).rejects.toMatchObject({
      name: "CorruptFileError",
      message: "image half.jpg is damaged or truncated",
      exitCode: 7,
      hint: expect.any(String),
    });
    await expect(decodeImage(file("text.jpg"))).rejects.toThrow(/text\.jpg is no picture of a known format$/);
    await expect(readImageHeader(file("zero.jpg"))).rejects.toThrow(/zero\.jpg is no picture/);
    await expect(decodeImage(file("none.jpg"), { name: "none.jpg" })).rejects.toMatchObject({
      name: "DataError",
      message: "image none.jpg does not exist",
    });
  });

  test("what is no JPEG, PNG, WebP, TIFF or GIF is no picture, whatever its name", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>`;
    await writeFile(file("drawing.png"), svg);
    const avif = await sharp(rgb, { raw }).avif({ effort: 0 }).toBuffer();
    for (const picture of [file("drawing.png"), Buffer.from(svg), avif])
      await expect(decodeImage(picture)).rejects.toThrow(/ is no picture of a known format$/);
    await expect(decodeImage(folder, { name: "x" })).rejects.toThrow("image x is a folder, but a file was expected");
  });

  test("pictures over the limit of pixels are refused before they are decoded", async () => {
    const limits = { pixels: 19 };
    const large = pngOf({ width: 20_000, height: 20_000 }, new Uint8Array(9));
    const wide = pngOf({ width: 40_000, height: 500 }, new Uint8Array(9));
    const interlaced = pngOf({ width: 7000, height: 7000, interlaced: true }, new Uint8Array(9));
    const tooLarge = (message: string) => ({ name: "OversizeError", message, exitCode: 7 });
    for (const decode of [decodeImage, readImageHeader]) {
      await expect(decode(large)).rejects.toMatchObject(tooLarge("image of bytes is over the limit of 100 megapixels"));
      await expect(decode(interlaced)).rejects.toMatchObject(
        tooLarge("image of bytes is over the limit of 40 megapixels for a progressive PNG, which is decoded whole"),
      );
      await expect(decode(wide)).rejects.toMatchObject(
        tooLarge("image of bytes is 500×40000, over the limit of 32767 pixels a side"),
      );
      await expect(decode(file("a.png"), { name: "a.png", limits })).rejects.toMatchObject(
        tooLarge("image a.png is over the limit of 0.000019 megapixels"),
      );
    }
    expect(await readImageHeader(large, { limits: anySize })).toMatchObject({ height: 20_000, width: 20_000 });
    expect(await decodeImage(file("a.png"), { limits: anySize })).toMatchObject({ height, width });
    // Beyond what may be held whole, but row by row.
    expect(await decodeImage(file("a.png"), { limits: { heldPixels: 10, side: 9 } })).toMatchObject({ height, width });
  });
});

describe("decodeMask", () => {
  const ids = Uint8Array.from({ length: width * height }, (_, i) => i % 6);
  const mask = encode({ data: ids, width, height, channels: 1 });

  test("reads ids, and its header says the size", async () => {
    await writeFile(file("m.png"), mask);
    expect(await decodeMask(file("m.png"))).toEqual({ data: ids, height, width });
    expect(await readMaskHeader(file("m.png"))).toMatchObject({ height, width, bitDepth: 8, colour: "grey" });
  });

  test("a mask that holds more or fewer pixels than its header says is refused", async () => {
    for (const [rows, reason] of [
      [2, "it holds more pixels than its size says"],
      [9, "24 of 54 bytes of pixels"],
    ] as const) {
      const wrong = Buffer.from(mask);
      wrong.writeUInt32BE(rows, 20);
      await writeFile(file("wrong.png"), wrong);
      await expect(decodeMask(file("wrong.png"), { name: "wrong.png" })).rejects.toMatchObject({
        name: "CorruptFileError",
        message: `mask wrong.png is damaged or truncated: ${reason}`,
      });
    }
  });

  test("what a mask holds beside its pixels is passed over, a second header too", async () => {
    const profile = pngChunk("iCCP", Buffer.from("a\0\0no profile"));
    const other = pngOf({ width: 30_000, height: 30_000 }, new Uint8Array(9)).subarray(8, 33);
    const pixels = Buffer.from([0, 1, 2, 0, 3, 4].flatMap((id, i) => (i % 3 === 0 ? [id] : [id, id, id])));
    await writeFile(file("more.png"), pngOf({ width: 2, height: 2, colour: 2 }, pixels, [profile, other]));
    expect(await decodeMask(file("more.png"))).toEqual({ data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2 });
  });

  test("a mask without pixels, or with more bytes of them than are read, is refused", async () => {
    for (const [fields, message] of [
      [{ width: 0, height: 9 }, "is damaged or truncated: its header states 9×0 pixels of 8 bits"],
      [{ width: 9, height: 9, bits: 3 }, "is damaged or truncated: its header states 9×9 pixels of 3 bits"],
      [{ width: 30_000, height: 30_000 }, "is 30000×30000, over the limit of 100 megapixels"],
      [{ width: 9000, height: 9000, colour: 6 }, "is 9000×9000 of rgb with alpha, over the limit of 100 MB"],
    ] as const) {
      await writeFile(file("odd.png"), pngOf(fields, new Uint8Array(9)));
      await expect(decodeMask(file("odd.png"), { name: "x" })).rejects.toMatchObject({
        message: `mask x ${message}`,
        exitCode: 7,
      });
    }
  });

  test("missing and truncated masks are named", async () => {
    await writeFile(file("cut.png"), mask.subarray(0, mask.length - 20));
    await expect(decodeMask(file("cut.png"), { name: "cut.png" })).rejects.toThrow(
      /^mask cut\.png is damaged or truncated: /,
    );
    await expect(decodeMask(file("none.png"), { name: "none.png" })).rejects.toThrow("mask none.png does not exist");
    await expect(readMaskHeader(file("none.png"), { name: "none.png" })).rejects.toThrow(
      "mask none.png does not exist",
    );
    for (const decode of [decodeMask, readMaskHeader])
      await expect(decode(folder, { name: "x" })).rejects.toThrow("mask x is a folder, but a file was expected");
  });
});

describe("mask options", () => {
  const colours: Palette = [
    [0, 0, 0],
    [128, 64, 128],
    [255, 255, 255],
  ];
  const ids = Uint8Array.from([0, 1, 2, 2, 1, 0]);

  async function rgbFile(channels: 3 | 4, seen: Palette = colours): Promise<string> {
    const file = path.join(await tempFolder(), "mask.png");
    const data = Uint8Array.from([...ids].flatMap((id) => [...seen[id]!, 255].slice(0, channels)));
    await writeFile(file, encode({ data, width: 3, height: 2, channels }));
    return file;
  }

  test("colours stand for classes, with or without alpha, in colour, palette and grey files", async () => {
    for (const channels of [3, 4] as const)
      expect((await decodeMask(await rgbFile(channels), { masks: { colours } })).data).toEqual(ids);
    const folder = await tempFolder();
    const shuffled = Uint8Array.from(ids, (id) => [2, 0, 1][id]!);
    const palette = [colours[1]!, colours[2]!, colours[0]!].map((colour) => [...colour]);
    await writeFile(
      path.join(folder, "palette.png"),
      encode({ data: shuffled, width: 3, height: 2, channels: 1, palette }),
    );
    expect((await decodeMask(path.join(folder, "palette.png"))).data).toEqual(shuffled);
    expect((await decodeMask(path.join(folder, "palette.png"), { masks: { colours } })).data).toEqual(ids);
    const grey = Uint8Array.from([0, 1, 1, 1, 0, 0]);
    await writeFile(
      path.join(folder, "grey.png"),
      encode({ data: packed(grey, 3), width: 3, height: 2, channels: 1, depth: 1 }),
    );
    expect((await decodeMask(path.join(folder, "grey.png"), { masks: { colours } })).data).toEqual(
      grey.map((id) => 2 * id),
    );
  });

  test("three equal channels are read as one, without options", async () => {
    const folder = await tempFolder();
    for (const channels of [2, 3, 4] as const) {
      const data = Uint8Array.from(
        [...ids].flatMap((id) => (channels === 2 ? [id, 9] : [id, id, id, 9].slice(0, channels))),
      );
      await writeFile(path.join(folder, "mask.png"), encode({ data, width: 3, height: 2, channels }));
      expect((await decodeMask(path.join(folder, "mask.png"))).data).toEqual(ids);
    }
  });

  test("colours are positions that div and valueMap go on with", async () => {
    const masks = { colours, valueMap: { 1: 0, 2: 255 }, ignoreIndex: 255 };
    expect([...(await decodeMask(await rgbFile(3), { masks })).data]).toEqual([0, 0, 255, 255, 0, 0]);
  });

  test("a colour that is no class's is named with its place", async () => {
    const file = await rgbFile(3, [colours[0]!, [9, 8, 7], colours[2]!]);
    await expect(decodeMask(file, { name: "m.png", masks: { colours } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[DataError: mask m.png holds the colour (9, 8, 7) at row 0, column 1, which stands for no class]`,
    );
  });

  test("JPEG only where a division undoes what it changes", async () => {
    const file = path.join(await tempFolder(), "mask.jpg");
    const values = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 13 ? 0 : 255));
    await sharp(values, { raw: { width: 32, height: 32, channels: 1 } })
      .jpeg({ quality: 60 })
      .toFile(file);
    expect((await decodeMask(file, { masks: { div: true } })).data).toEqual(values.map((value) => value / 255));
    expect(await readMaskHeader(file, { masks: { div: true } })).toMatchObject({ height: 32, width: 32, jpeg: true });
    await expect(decodeMask(file, { masks: { valueMap: { 255: 1 } } })).rejects.toThrow("is a JPEG");
    await expect(readMaskHeader(file)).rejects.toThrow("is a JPEG");
  });
});

test("convertMode L is PIL's brightness in all channels; grey and alpha pictures are RGB", async () => {
  const folder = await tempFolder();
  const write = async (name: string, data: number[], channels: 1 | 2 | 3 | 4) => {
    const file = path.join(folder, name);
    await writeFile(file, encode({ data: Uint8Array.from(data), width: 2, height: 1, channels }));
    return file;
  };
  const rgb = await write("rgb.png", [255, 0, 0, 10, 200, 30], 3);
  expect([...(await decodeImage(rgb, { convertMode: "L" })).data]).toEqual([76, 76, 76, 124, 124, 124]);
  expect([...(await decodeImage(await write("l.png", [7, 200], 1))).data]).toEqual([7, 7, 7, 200, 200, 200]);
  expect([...(await decodeImage(await write("la.png", [7, 9, 200, 0], 2))).data]).toEqual([7, 7, 7, 200, 200, 200]);
  expect([...(await decodeImage(await write("rgba.png", [1, 2, 3, 0, 4, 5, 6, 255], 4))).data]).toEqual([
    1, 2, 3, 4, 5, 6,
  ]);
});

/** Pixels of one bit as PNG stores them. */
function packed(bits: Uint8Array, width: number): Uint8Array {
  return Uint8Array.from({ length: bits.length / width }, (_, y) =>
    [...bits.subarray(y * width, (y + 1) * width)].reduce((byte, bit, x) => byte | (bit << (7 - x)), 0),
  );
}
