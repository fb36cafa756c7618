import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { scene, tempFolder } from "../../test/support/dataset.ts";
import { Random } from "../util/random.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { writeMask, writeOverlay } from "./encode.node.ts";
import { overlay } from "./overlay.ts";
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
  const folderInTheWay = writeMask(folder, mask, palette);
  await expect(folderInTheWay).rejects.toMatchObject({ name: "ResourceError", exitCode: 4 });
});
