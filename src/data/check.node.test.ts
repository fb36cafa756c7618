import { readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { scene, writeDataset, writeGreyMask, writePicture } from "../../test/support/dataset.ts";
import { SegkitError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import { checkDataset } from "./check.node.ts";
import { openFolder } from "./folder.node.ts";

const height = 24;
const width = 32;

async function failure(root: string): Promise<string> {
  const error = await checkDataset(await openFolder(root)).catch((thrown: unknown) => thrown);
  if (!(error instanceof SegkitError)) throw new Error(`expected an error, but got ${String(error)}`);
  return `${error.exitCode}: ${error.message}\n→ ${error.hint}`;
}

/** Rewrites the masks of the first `count` items. */
async function remask(root: string, count: number, change: (id: number) => number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { mask } = scene(height, width, 4, new Random(1).split(i));
    await writeGreyMask(path.join(root, "labels", `scene_00${i}_P.png`), { ...mask, data: mask.data.map(change) });
  }
}

describe("checkDataset", () => {
  test.each(["grey", "palette"] as const)("a sound dataset with %s masks", async (masks) => {
    const dataset = await openFolder(await writeDataset({ masks, images: "jpg" }));
    const progress: number[] = [];
    const report = await checkDataset(dataset, {
      size: [24, 32],
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(report.warnings).toEqual([]);
    expect(report.sizes).toEqual([{ height, width, count: 6, example: expect.stringContaining("images/scene_000.") }]);
    const pixels = [0, 0, 0, 0];
    for (let i = 0; i < 4; i++)
      for (const id of scene(height, width, 4, new Random(1).split(i)).mask.data) pixels[id]!++;
    expect(report.classPixels).toEqual(pixels);
    expect(progress.length).toBe(12);
    expect(progress.at(-1)).toBe(1);
  });

  test("warns of masks that div makes classes of by rounding, and of JPEG", async () => {
    const root = await writeDataset({ classes: ["no", "yes"] });
    await remask(root, 6, (id) => (id > 1 ? 255 : id === 1 ? 200 : 0));
    const { mask } = scene(height, width, 4, new Random(1).split(2));
    const grey = mask.data.map((id) => (id > 0 ? 255 : 0));
    const jpeg = path.join(root, "labels", "scene_002_P.jpg");
    await sharp(grey, { raw: { width, height, channels: 1 } })
      .jpeg({ quality: 100 })
      .toFile(jpeg);
    const { train, ...rest } = await openFolder(root, { masks: { div: true } });
    const items = train.map((item) => (item.id === "scene_002" ? { ...item, mask: jpeg } : item));
    const { warnings } = await checkDataset({ ...rest, train: items });
    expect(warnings).toEqual([
      "masks that are JPEG, which changes values (PNG keeps them), of images: 1, such as images/scene_002.png",
      expect.stringMatching(/^masks with values that div does not divide, which are rounded, of images: \d, such as/),
    ]);
  });

  test("looks at test pictures too, which need no masks", async () => {
    const root = await writeDataset();
    const { valid, ...rest } = await openFolder(root);
    const [bare] = valid.map(({ id, image }) => ({ id, image }));
    expect((await checkDataset({ ...rest, valid, test: [bare!] })).sizes[0]!.count).toBe(7);
    const missing = { id: "x", image: path.join(root, "images", "x.png") };
    await expect(checkDataset({ ...rest, valid, test: [missing] })).rejects.toThrow("test: image images/x.png");
    await expect(checkDataset({ ...rest, valid: [] })).rejects.toThrow("the validation list is empty");
    expect((await checkDataset({ ...rest, valid: [] }, { withoutValidation: true })).warnings).toEqual([]);
  });

  test("warns of what is allowed but worth a look", async () => {
    const root = await writeDataset({ classes: ["sky", "road", "car", "void"] });
    await writeFile(path.join(root, "codes.txt"), "sky\nroad\ncar\nvoid\nboat\ntram\n");
    const turned = await sharp(path.join(root, "images/scene_001.png"))
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    await writeFile(path.join(root, "images/scene_001.png"), turned);
    const dataset = await openFolder(root);
    expect((await checkDataset(dataset, { size: [48, 64] })).warnings).toMatchInlineSnapshot(`
      [
        "images turned by an EXIF tag, which is ignored (masks have none): 1, such as images/scene_001.png",
        "classes without a pixel in the training masks: boat, tram",
        "images smaller than the training size 48×64 are enlarged, such as 24×32",
      ]
    `);
    expect((await checkDataset(dataset, { size: [20, 20] })).warnings.at(-1)).toMatchInlineSnapshot(
      `"images of 24×32 are squeezed into 20×20, which changes their proportions"`,
    );
  });

  test("an empty list", async () => {
    const dataset = await openFolder(await writeDataset());
    await expect(checkDataset({ ...dataset, valid: [] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: the validation list is empty]`,
    );
    await expect(checkDataset({ ...dataset, train: [] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[DataError: data: the training list is empty]`,
    );
  });
});

describe("what is wrong is one sentence and a remedy", () => {
  test("a mask of another size", async () => {
    const root = await writeDataset();
    const { mask } = scene(12, 16, 4, new Random(2));
    for (const i of [2, 5]) await writeGreyMask(path.join(root, "labels", `scene_00${i}_P.png`), mask);
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_002_P.png is 12×16, but its image images/scene_002.png is 24×32 (and 1 more with the same fault)
      → Make the mask from the image at its full size; ids cannot be resized smoothly."
    `);
  });

  test("a truncated image, though its header is sound", async () => {
    const root = await writeDataset({ images: "jpg", height: 200, width: 300 });
    await truncate(path.join(root, "images/scene_004.jpg"), 9000);
    expect(await failure(root)).toMatchInlineSnapshot(`
      "7: valid: image images/scene_004.jpg is damaged or truncated
      → Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask."
    `);
    const other = await writeDataset({ height: 200, width: 300 });
    await truncate(path.join(other, "images/scene_000.png"), 9000);
    expect(await failure(other)).toMatchInlineSnapshot(`
      "7: train: image images/scene_000.png is damaged or truncated
      → Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask."
    `);
  });

  test("a file that is no image", async () => {
    const root = await writeDataset();
    for (const i of [1, 3, 4]) await writeFile(path.join(root, `images/scene_00${i}.png`), "");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "7: train: image images/scene_001.png is no picture of a known format (and 2 more with the same fault)
      → Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask."
    `);
  });

  test("a damaged mask", async () => {
    const root = await writeDataset({ height: 100, width: 100 });
    const file = path.join(root, "labels/scene_001_P.png");
    await truncate(file, (await readFile(file)).length - 15);
    expect(await failure(root)).toMatch(/^7: train: mask labels\/scene_001_P.png is damaged or truncated: /);
  });

  test("a colour mask, a JPEG, 16 bits", async () => {
    const root = await writeDataset();
    const mask = path.join(root, "labels/scene_003_P.png");
    await writePicture(mask, scene(height, width, 4, new Random(3)).image);
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_003_P.png is a colour picture (rgb), but a mask holds one class id per pixel
      → Give the colours of the classes with the mask option colours (--mask-colours), or replace them by ids in a grey or palette PNG."
    `);
    await writeFile(mask, await sharp(mask).jpeg().toBuffer());
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_003_P.png is a JPEG, which changes pixel values, so they are no class ids
      → Save masks as 8-bit grey or palette PNG, from before they were JPEG; of 0 and 255 alone, use the mask option div (--mask-div)."
    `);
    await writeFile(mask, encode({ data: new Uint16Array(height * width), height, width, depth: 16, channels: 1 }));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_003_P.png has 16 bits per pixel, but class ids are stored in 8
      → Save the ids as an 8-bit grey or palette PNG."
    `);
  });

  test("0 and 255 in place of ids", async () => {
    const root = await writeDataset();
    await remask(root, 6, (id) => (id > 1 ? 255 : 0));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_000_P.png holds value 255, but there are 4 classes (0–3) (and 4 more with the same fault)
      → The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1."
    `);
  });

  test("255 for pixels to ignore, in one mask", async () => {
    const root = await writeDataset();
    await remask(root, 1, (id) => (id === 3 ? 255 : id));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_000_P.png holds value 255, but there are 4 classes (0–3)
      → 255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here 3."
    `);
  });

  test("ids that begin at 1", async () => {
    const root = await writeDataset();
    await remask(root, 6, (id) => id + 1);
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_000_P.png holds value 4, but there are 4 classes (0–3) (and 2 more with the same fault)
      → The ids begin at 1: subtract 1 from every value with the mask option valueMap, { 1: 0, 2: 1, … } (--mask-map)."
    `);
  });

  test("more ids than names", async () => {
    const root = await writeDataset();
    await writeFile(path.join(root, "codes.txt"), "sky\nroad\n");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_000_P.png holds value 3, but there are 2 classes (0–1) (and 4 more with the same fault)
      → The masks use ids up to 3: codes.txt needs 4 names, or the masks other ids."
    `);
  });

  test("the brightness of colours", async () => {
    const root = await writeDataset();
    await remask(root, 6, (id) => [0, 38, 75, 113][id]!);
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: train: mask labels/scene_000_P.png holds value 113, but there are 4 classes (0–3) (and 5 more with the same fault)
      → The masks hold 4 values between 0 and 113, which looks like the brightness of colours: give every value the id of its class, 0–3, with the mask option valueMap (--mask-map)."
    `);
  });
});
