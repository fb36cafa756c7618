import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { bunchOf, closing, failure, getMask, listsOf } from "../../test/support/data-block.ts";
import { tempFolder, writeDataset, writeGreyMask } from "../../test/support/dataset.ts";
import { parseDataDescription } from "./data-description.ts";
import { databunch } from "./databunch.node.ts";
import { decodeMask } from "./decode.node.ts";
import { openFolder } from "./folder.node.ts";
import { SegmentationItemList } from "./item-list.node.ts";
import { getTransforms } from "./transforms/get-transforms.ts";
import { imagenetStats } from "./transforms/normalize.ts";

describe("mask options", () => {
  const classes = ["no", "yes"];

  async function remasked(map: (id: number) => number): Promise<string> {
    const root = await writeDataset();
    for (let i = 0; i < 6; i++) {
      const file = path.join(root, "labels", `scene_00${i}_P.png`);
      const mask = await decodeMask(file);
      await writeGreyMask(file, { ...mask, data: mask.data.map(map) });
    }
    return root;
  }

  test("masks of 0 and 255 are explained, and div reads them, in threads too", async () => {
    const root = await remasked((id) => (id > 1 ? 255 : 0));
    expect(await failure(async () => bunchOf(await listsOf(root, { classes })))).toMatchInlineSnapshot(`
      "3: train: mask ../labels/scene_000_P.png holds value 255, but there are 2 classes (0–1) (and 4 more with the same fault)
      → The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1."
    `);
    const data = await bunchOf(await listsOf(root, { classes, masks: { div: true } }), { workers: 1 });
    for await (const { masks } of data.train.batches(0))
      expect([...new Set(masks)].toSorted((a, b) => a - b)).toEqual([0, 1]);
    const folder = await openFolder(root, { masks: { valueMap: { 255: 2 } } });
    const again = closing(databunch(folder, { size: [24, 32], batchSize: 2, workers: 0 }));
    expect([...new Set((await again.oneBatch()).masks)].toSorted((a, b) => a - b)).toEqual([0, 2]);
  });

  test("an ignored id beyond the classes goes through; one of the classes is the void class", async () => {
    const root = await remasked((id) => (id === 3 ? 255 : id));
    const names = ["sky", "road", "car"];
    expect(await failure(async () => bunchOf(await listsOf(root, { classes: names })))).toContain("ignoreIndex to 255");
    const data = await bunchOf(await listsOf(root, { classes: names, masks: { ignoreIndex: 255 } }));
    expect(data).toMatchObject({ ignoreIndex: 255, voidIndex: null });
    expect((await data.oneBatch("fix")).masks).toContain(255);
    await data.showBatch({ rows: 1, dsType: "fix" });
    const inside = await listsOf(root, { classes: names, masks: { valueMap: { 255: 2 }, ignoreIndex: 2 } });
    expect(inside.dataset.voidIndex).toBe(2);
  });

  test("masks in colours", async () => {
    const root = await writeDataset({ items: 6 });
    const { dataset } = await listsOf(root);
    for (const { mask } of [...dataset.train, ...dataset.valid]) {
      const { data, height, width } = await decodeMask(mask);
      const rgb = Uint8Array.from([...data].flatMap((id) => dataset.palette[id]!));
      await writeFile(mask, encode({ data: rgb, height, width, channels: 3 }));
    }
    expect(await failure(async () => bunchOf(await listsOf(root)))).toContain("mask option colours");
    const data = await bunchOf(await listsOf(root, { masks: { colours: dataset.palette } }));
    expect(Math.max(...(await data.oneBatch("fix")).masks)).toBeGreaterThan(0);
  });

  test("grey pictures", async () => {
    const root = await writeDataset();
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"), { convertMode: "L" });
    const data = await bunchOf(list.splitByIdx([4]).labelFromFunc(getMask));
    const { images, height, width } = await data.oneBatch();
    expect(images.subarray(0, height * width)).toEqual(images.subarray(height * width, 2 * height * width));
  });
});

test("showBatch draws a square of pictures", async () => {
  const data = (
    await bunchOf((await listsOf(await writeDataset())).transform([], { size: [12, 16] }), { bs: 4 })
  ).normalize(imagenetStats);
  const out = path.join(await tempFolder(), "batch.png");
  const bytes = await data.showBatch({ rows: 2, out });
  expect(new Uint8Array(await readFile(out))).toEqual(new Uint8Array(bytes));
  const { width, height } = await sharp(bytes).metadata();
  const one = await sharp(await data.showBatch({ rows: 1 })).metadata();
  expect(width / one.width).toBeGreaterThan(1.5);
  expect(height).toBeGreaterThan(one.height);
  expect(await failure(() => data.showBatch({ rows: 0 }))).toContain("showBatch: rows");
});

test("export describes the data, and what it says makes equal data again", async () => {
  const root = await writeDataset();
  const lists = (await listsOf(root, { masks: { valueMap: { 3: 0 } } })).transform(getTransforms(), { size: [12, 16] });
  const data = (await bunchOf(lists)).normalize(imagenetStats);
  const file = path.join(await tempFolder(), "data.json");
  await data.export(file);
  const text = await readFile(file, "utf8");
  const { options, stats, ...rest } = parseDataDescription(text, "data.json");
  const described = { ...options, size: options.size!, stats, workers: 0 };
  const again = closing(databunch({ ...lists.dataset, ...rest }, described));
  expect(await again.oneBatch()).toEqual(await data.oneBatch());
  expect(await failure(() => parseDataDescription(text.replace('"format": 1', '"format": 2'), "x")))
    .toMatchInlineSnapshot(`
    "7: x is no description of data: format: Invalid input: expected 1
    → Give a file data.export wrote."
  `);
  expect(await failure(() => parseDataDescription("{", "x"))).toContain("it is not JSON");
});
