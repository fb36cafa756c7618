import { decode } from "fast-png";
import sharp from "sharp";
import { expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { decodeMaskPng } from "./mask-png.ts";
import { type PngRowsOptions, pngOfRows } from "./png-rows.node.ts";

const [height, width] = [37, 300];
const random = new Random(1);

/** The file of pixels that come so many rows at a time. */
async function written(options: Omit<PngRowsOptions, "height" | "width">, pixels: Uint8Array, rows: number) {
  const length = pixels.length / height;
  const strips = async function* (): AsyncGenerator<Uint8Array, void, void> {
    for (let y = 0; y < height; y += rows) yield pixels.subarray(y * length, (y + rows) * length);
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of pngOfRows({ height, width, ...options }, strips())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("ids come back with their palette, whatever the strips", async () => {
  const palette = Array.from({ length: 200 }, (_, i) => [i, 255 - i, 7] as const);
  const ids = Uint8Array.from({ length: height * width }, () => random.integer(200));
  for (const rows of [1, 5, 100]) {
    const png = await written({ palette }, ids, rows);
    expect(decodeMaskPng(png, "mask").data).toEqual(ids);
    expect(decode(png).palette).toEqual(palette);
  }
});

test("colours come back; neighbours that are alike take less room", async () => {
  const pixels = Uint8Array.from({ length: 3 * height * width }, (_, i) => Math.floor(i / 3) % width);
  const png = await written({}, pixels, 4);
  expect(new Uint8Array(await sharp(png).raw().toBuffer())).toEqual(pixels);
  expect(png.length).toBeLessThan(pixels.length / 20);
});

test("an error of the rows is the file's", async () => {
  const rows = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield new Uint8Array(3 * width);
    throw new Error("the disk is gone");
  };
  const read = async (): Promise<void> => {
    for await (const _ of pngOfRows({ height, width }, rows()));
  };
  await expect(read()).rejects.toThrow("the disk is gone");
});
