import { writeFile } from "node:fs/promises";
import path from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { decodeImage, decodeMask, readImageHeader, readMaskHeader } from "./decode.node.ts";

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

  test("pictures over 100 megapixels are refused before they are decoded", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>`;
    await writeFile(file("big.png"), svg);
    await expect(decodeImage(file("big.png"), { name: "big.png" })).rejects.toMatchObject({
      message: "image big.png is over the limit of 100 megapixels",
      exitCode: 3,
    });
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

  test("missing and truncated masks are named", async () => {
    await writeFile(file("cut.png"), mask.subarray(0, mask.length - 20));
    await expect(decodeMask(file("cut.png"), { name: "cut.png" })).rejects.toThrow(
      /^mask cut\.png is damaged or truncated: /,
    );
    await expect(decodeMask(file("none.png"), { name: "none.png" })).rejects.toThrow("mask none.png does not exist");
    await expect(readMaskHeader(file("none.png"), { name: "none.png" })).rejects.toThrow(
      "mask none.png does not exist",
    );
    await expect(decodeMask(folder, { name: "x" })).rejects.toThrow("mask x cannot be read (EISDIR)");
  });
});
