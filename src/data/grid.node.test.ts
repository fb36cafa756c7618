import path from "node:path";
import { expect, test } from "vitest";
import { scene, tempFolder } from "../../test/support/dataset.ts";
import { Random } from "../util/random.ts";
import { decodeImage } from "./decode.node.ts";
import { writeGrid } from "./grid.node.ts";
import type { RgbImage } from "./image.ts";
import { errorMap, overlay, resultRow } from "./overlay.ts";
import { distinctColours } from "./palette.ts";

const palette = distinctColours(4);
const { image, mask } = scene(20, 30, 4, new Random(5));
const classes = ["sky & sea", "<road>", "car", "void"];

test("cells hold the pictures' pixels, the legend the classes' colours", async () => {
  const file = path.join(await tempFolder(), "deep", "grid.png");
  const row = resultRow(image, mask, mask, palette);
  await writeGrid(file, [row, row], {
    captions: ["picture", "truth", "prediction", "mistakes"],
    legend: { classes, palette },
  });
  const sheet = await decodeImage(file);
  const pixel = pixelOf(sheet);
  // 30 columns are magnified 8× to 240, and a PNG has two pixels for each of the sheet's.
  expect(sheet.width).toBe(2 * (2 * 16 + 4 * 240 + 3 * 10));
  const centre = (column: number, x: number, y: number) =>
    pixel(2 * (16 + 250 * column + 8 * x + 4), 2 * (16 + 22 + 8 * y + 4));
  expect(centre(0, 3, 2)).toEqual([...image.data.subarray(3 * 63, 3 * 63 + 3)]);
  expect(centre(1, 3, 2)).toEqual([...overlay(image, mask, palette).data.subarray(3 * 63, 3 * 63 + 3)]);
  expect(centre(3, 3, 2)).toEqual([...errorMap(image, mask, mask).data.subarray(3 * 63, 3 * 63 + 3)]);
  expect(pixel(2, 2)).toEqual([255, 255, 255]);
  const legend = 2 * (16 + 22 + 2 * 170 + 6);
  expect(pixel(2 * 22, legend)).toEqual([...palette[0]!]);
});

test("different words look different, although no font of the machine is used", async () => {
  const folder = await tempFolder();
  const sheets = [];
  for (const caption of ["iii", "WWW"]) {
    const file = path.join(folder, `${caption}.png`);
    await writeGrid(file, [[image]], { captions: [caption] });
    sheets.push((await decodeImage(file)).data);
  }
  expect(sheets[0]).not.toEqual(sheets[1]);
});

function pixelOf({ data, width }: RgbImage): (x: number, y: number) => number[] {
  return (x, y) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}
