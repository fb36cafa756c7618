import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { Random } from "../util/random.ts";
import { decodeImage } from "./decode.node.ts";
import { PixelRows } from "./pixel-rows.node.ts";

const [height, width] = [41, 53];
let folder: string;
beforeAll(async () => {
  folder = await tempFolder();
});

function noise(channels: 1 | 3 | 4): ReturnType<typeof sharp> {
  const random = new Random(channels);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return sharp(data, { raw: { width, height, channels } });
}

test.each<[string, () => ReturnType<typeof sharp>]>([
  ["rgb.png", () => noise(3)],
  ["interlaced.png", () => noise(3).png({ progressive: true })],
  ["deep.png", () => noise(3).toColourspace("rgb16")],
  ["alpha.png", () => noise(4)],
  ["grey.png", () => noise(1).toColourspace("b-w")],
  ["palette.png", () => noise(3).png({ palette: true, colours: 16 })],
  ["cmyk.jpg", () => noise(3).toColourspace("cmyk")],
  ["turned.jpg", () => noise(3).withMetadata({ orientation: 6 })],
  ["tiles.tif", () => noise(3).tiff({ tile: true })],
  ["a.webp", () => noise(3)],
])("the rows of %s are those that decoding it whole gives", async (name, picture) => {
  await picture().toFile(join(folder, name));
  const rows = await PixelRows.ofPicture(join(folder, name), folder);
  const { data, ...size } = await decodeImage(join(folder, name));
  expect({ height: rows.height, width: rows.width }).toEqual(size);
  expect(await rows.read(0, height)).toEqual(new Uint8Array(data));
  expect(await rows.read(7, 2)).toEqual(new Uint8Array(data.subarray(7 * 3 * width, 9 * 3 * width)));
  await rows.close();
});

test("a picture of any size, of which nothing stays on the disk", async () => {
  const place = join(folder, "place");
  await mkdir(place);
  const size = { width: 10_001, height: 10_000 };
  await sharp({ create: { ...size, channels: 3, background: "#102030" } })
    .png({ compressionLevel: 1 })
    .toFile(join(folder, "large.png"));
  const rows = await PixelRows.ofPicture(join(folder, "large.png"), place);
  expect([...(await rows.read(9999, 1)).subarray(-3)]).toEqual([0x10, 0x20, 0x30]);
  expect(await readdir(place)).toEqual([]);
  await rows.close();
});

test("a mask is written and read in any order, also by another thread's copy", async () => {
  const mask = await PixelRows.forMask({ height: 4, width: 3 }, folder);
  await mask.write(2, Uint8Array.of(6, 7, 8, 9, 10, 11));
  await mask.write(0, Uint8Array.of(0, 1, 2, 3, 4, 5));
  expect([...(await new PixelRows({ ...mask.file }).read(1, 3))]).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
  await mask.close();
});

test("what cannot be read or written says so", async () => {
  await writeFile(join(folder, "text.png"), "text");
  await expect(PixelRows.ofPicture(join(folder, "text.png"), folder)).rejects.toMatchObject({ exitCode: 7 });
  await expect(PixelRows.ofPicture(join(folder, "none.png"), folder)).rejects.toMatchObject({ exitCode: 3 });
  const size = { height: 4, width: 3 };
  await expect(PixelRows.forMask(size, join(folder, "nowhere"))).rejects.toMatchObject({ exitCode: 4 });
  await expect(PixelRows.forMask({ height: 1e9, width: 1e9 }, folder)).rejects.toThrow(/more bytes are needed, but/);
});
