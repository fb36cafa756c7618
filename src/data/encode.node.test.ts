import path from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { scene, tempFolder } from "../../test/support/dataset.ts";
import { Random } from "../util/random.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { writeMask, writeOverlay } from "./encode.node.ts";
import { writeGrid } from "./grid.node.ts";
import { overlay, resultRow } from "./overlay.ts";
import { distinctColours } from "./palette.ts";

const palette = distinctColours(4);
const { image, mask } = scene(20, 30, 4, new Random(5));
let folder: string;

beforeAll(async () => {
  folder = await tempFolder();
});

test("writeMask: ids come back, colours are the palette's, folders are made", async () => {
  const file = path.join(folder, "deep", "er", "m.png");
  await writeMask(file, mask, palette);
  expect(await decodeMask(file)).toEqual(mask);
  const { data } = await decodeImage(file);
  expect([...data]).toEqual([...mask.data].flatMap((id) => [...palette[id]!]));
});

test("writeOverlay blends image and colours", async () => {
  await writeOverlay(path.join(folder, "o.png"), image, mask, palette, 0.25);
  const { data } = await decodeImage(path.join(folder, "o.png"));
  for (const i of [0, 100, 599]) {
    for (let c = 0; c < 3; c++) {
      expect(data[3 * i + c]).toBe(Math.round(0.75 * image.data[3 * i + c]! + 0.25 * palette[mask.data[i]!]![c]!));
    }
  }
  expect(overlay(image, mask, palette, 0)).toEqual(image);
});

test("what does not fit is named", async () => {
  const file = path.join(folder, "x.png");
  await expect(writeMask(file, mask, palette.slice(0, 2))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: writeMask: expected ids below the palette's 2 colours, but received 2]`,
  );
  await expect(
    writeOverlay(file, image, { ...mask, height: 30, width: 20 }, palette),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`[ShapeError: overlay: expected a mask of 20×30, but received 30×20]`);
  await expect(writeGrid(file, [])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: writeGrid: expected at least one picture, but received none]`,
  );
  const folderInTheWay = writeMask(folder, mask, palette);
  await expect(folderInTheWay).rejects.toMatchObject({ name: "ResourceError", exitCode: 4 });
});

describe("writeGrid", () => {
  test("cells, captions and a legend", async () => {
    const file = path.join(folder, "grid.png");
    const rows = [resultRow(image, mask, mask, palette), resultRow(image, mask, mask, palette)];
    const classes = ["sky & sea", "<road>", "car", "void"];
    await writeGrid(file, rows, { captions: ["image", "truth", "prediction"], legend: { classes, palette } });
    const sheet = await decodeImage(file);
    // 30 columns are magnified 9× to at least 256; gaps of 8, a line of 22 above and one below.
    expect(sheet).toMatchObject({ width: 8 + 3 * 278, height: 22 + 8 + 2 * 188 + 22 });
    const pixel = (x: number, y: number) => [
      ...sheet.data.subarray(3 * (y * sheet.width + x), 3 * (y * sheet.width + x) + 3),
    ];
    expect(pixel(8 + 9 * 3 + 4, 30 + 9 * 2 + 4)).toEqual([...image.data.subarray(3 * 63, 3 * 63 + 3)]);
    expect(pixel(8 + 278 + 4, 30 + 188 + 4)).toEqual([...overlay(image, mask, palette).data.subarray(0, 3)]);
    expect(pixel(10, 22 + 8 + 2 * 188 + 5)).toEqual([...palette[0]!]);
    expect(pixel(2, 100)).toEqual([255, 255, 255]);
  });

  test("without options: pictures only, the largest sets the cell", async () => {
    const file = path.join(folder, "plain.png");
    const large = { height: 300, width: 400, data: new Uint8Array(360_000).fill(7) };
    await writeGrid(file, [[large, image]]);
    expect(await sharp(file).metadata()).toMatchObject({ width: 824, height: 316 });
  });
});
