import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder, writeDataset } from "../../test/support/dataset.ts";
import { SegkitError } from "../util/errors.ts";
import { openFolder } from "./folder.node.ts";
import type { FolderOptions } from "./folder.node.ts";

/** Message, hint and exit code of the error of opening a folder, with the folder's own path replaced. */
async function failure(root: string, options?: FolderOptions): Promise<string> {
  const error = await openFolder(root, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof SegkitError)) throw new Error(`expected an error, but got ${String(error)}`);
  return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replaceAll(root, "ROOT");
}

describe("openFolder", () => {
  test("fastai's layout", async () => {
    const root = await writeDataset({ classes: ["Sky", "Road", "Void"] });
    const dataset = await openFolder(root);
    expect(dataset).toMatchObject({ root, classes: ["Sky", "Road", "Void"], voidIndex: 2, notes: [] });
    expect(dataset.palette[1]).toEqual([86, 180, 233]);
    expect(dataset.train.map((item) => item.id)).toEqual(["scene_000", "scene_001", "scene_002", "scene_003"]);
    expect(dataset.valid.map((item) => item.id)).toEqual(["scene_004", "scene_005"]);
    expect(dataset.train[0]).toEqual({
      id: "scene_000",
      image: path.join(root, "images", "scene_000.png"),
      mask: path.join(root, "labels", "scene_000_P.png"),
    });
  });

  test("masks/ with equal names, subfolders, capitals; hidden files and foreign files are skipped", async () => {
    const root = await writeDataset({ items: 3, valid: 1 });
    await rename(path.join(root, "labels"), path.join(root, "masks"));
    for (const name of ["scene_000", "scene_001", "scene_002"]) {
      await rename(path.join(root, "masks", `${name}_P.png`), path.join(root, "masks", `${name}.PNG`));
    }
    for (const folder of ["images", "masks"]) await mkdir(path.join(root, folder, "more"));
    await cp(path.join(root, "images/scene_000.png"), path.join(root, "images/more/a.b.JPG"));
    await cp(path.join(root, "masks/scene_000.PNG"), path.join(root, "masks/more/a.b.PNG"));
    await mkdir(path.join(root, "images/.cache"));
    await writeFile(path.join(root, "images/.cache/x.png"), "");
    await writeFile(path.join(root, "images/.hidden.png"), "");
    await writeFile(path.join(root, "images/Thumbs.db"), "");
    const dataset = await openFolder(root);
    expect(dataset.train.map((item) => item.id)).toEqual(["more/a.b", "scene_000", "scene_001"]);
    expect(dataset.train[0]!.mask).toBe(path.join(root, "masks", "more", "a.b.PNG"));
    expect(await openFolder(root, { labels: "masks", images: "images" })).toEqual(dataset);
  });

  test("without valid.txt a seeded share, and it says so", async () => {
    const root = await writeDataset({ items: 10, valid: null });
    const dataset = await openFolder(root, { splitSeed: 4 });
    expect(dataset.valid.length).toBe(2);
    expect(dataset.notes).toEqual(["the validation list is a random choice: 2 of 10 images, seed 4"]);
    expect(await openFolder(root, { splitSeed: 4 })).toEqual(dataset);
    expect((await openFolder(root, { validPct: 0.5 })).valid.length).toBe(5);
  });

  test("names without an image and masks without one are told", async () => {
    const root = await writeDataset();
    await writeFile(path.join(root, "holdout.txt"), "scene_001.png\nscene_999.png\n");
    await writeFile(path.join(root, "labels", "old_P.png"), "");
    expect((await openFolder(root, { validFile: "holdout.txt" })).notes).toEqual([
      "masks without an image: 1, such as labels/old_P.png",
      "names in holdout.txt that match no image: 1, such as scene_999.png",
    ]);
  });
});

describe("what is missing or contradictory is one sentence and a remedy", () => {
  test("the folder", async () => {
    const folder = await tempFolder();
    expect(await failure(path.join(folder, "nowhere"))).toMatchInlineSnapshot(`
      "3: data: folder ROOT does not exist
      → A dataset holds images/, labels/ (or masks/), codes.txt and, if wanted, valid.txt."
    `);
    await writeFile(path.join(folder, "file"), "");
    expect(await failure(path.join(folder, "file"))).toMatchInlineSnapshot(`
      "3: data: ROOT is a file, but a folder was expected
      → A dataset holds images/, labels/ (or masks/), codes.txt and, if wanted, valid.txt."
    `);
  });

  test("codes.txt", async () => {
    const root = await writeDataset();
    await rm(path.join(root, "codes.txt"));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: codes.txt is missing in ROOT
      → Write the class names into it, one per line; the first line names id 0 of the masks."
    `);
  });

  test("the images", async () => {
    const root = await writeDataset();
    await rm(path.join(root, "images"), { recursive: true });
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: ROOT has no folder images/
      → A dataset holds images/, labels/ (or masks/), codes.txt and, if wanted, valid.txt. Found: codes.txt, labels, valid.txt."
    `);
    await mkdir(path.join(root, "images"));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: images/ holds no images
      → Images end in .jpg, .jpeg, .png, .webp, .tif, .tiff, .gif; found: nothing."
    `);
    await writeFile(path.join(root, "images", "a.bmp"), "");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: images/ holds no images
      → Images end in .jpg, .jpeg, .png, .webp, .tif, .tiff, .gif; found: .bmp."
    `);
  });

  test("the masks", async () => {
    const root = await writeDataset();
    await rm(path.join(root, "labels", "scene_002_P.png"));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: image images/scene_002.png has no mask
      → Add labels/scene_002_P.png (or labels/scene_002.png), or remove the image."
    `);
    await writeFile(path.join(root, "labels", "scene_002.jpg"), "");
    await rm(path.join(root, "labels", "scene_003_P.png"));
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: image images/scene_002.png has no mask (2 of 6 images have none)
      → labels/scene_002.jpg is no PNG: save masks as 8-bit grey or palette PNG (JPEG changes the ids)."
    `);
    await rm(path.join(root, "labels"), { recursive: true });
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: ROOT has no folder labels/
      → A dataset holds images/, labels/ (or masks/), codes.txt and, if wanted, valid.txt. Found: codes.txt, images, valid.txt."
    `);
  });

  test("two images with one name", async () => {
    const root = await writeDataset();
    await writeFile(path.join(root, "images", "scene_001.jpg"), "");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: images scene_001.jpg and scene_001.png would share one mask
      → Remove one of them, or give them different names."
    `);
  });

  test("the validation list", async () => {
    const root = await writeDataset();
    expect(await failure(root, { validFile: "other.txt" })).toMatchInlineSnapshot(`
      "3: data: other.txt is missing in ROOT
      → Write the file names of the validation images into it, one per line."
    `);
    await writeFile(path.join(root, "valid.txt"), "0016E5_07959.png\n");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: no line of valid.txt is the name of an image; the first is "0016E5_07959.png"
      → Names are those of image files without their folder, such as scene_000.png."
    `);
    await writeFile(path.join(root, "valid.txt"), "\n");
    expect(await failure(root)).toMatchInlineSnapshot(`
      "3: data: valid.txt is empty, so there is no validation list
      → Write file names of images into it, one per line, or delete it for a random split."
    `);
  });
});
