import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { getImageFiles, listImageFiles } from "./image-files.node.ts";

async function folderOf(files: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  for (const file of files) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, file), "");
  }
  return folder;
}

const files = ["b.PNG", "a.jpg", "notes.txt", ".hid.png", "x/c.png", "x/.d/e.png", ".y/f.png", "z/g.tif", "a/h.png"];

describe("listImageFiles", () => {
  test("pictures of all folders, sorted; hidden ones and linked folders are skipped", async () => {
    const folder = await folderOf(files);
    await symlink(path.join(folder, "x"), path.join(folder, "link"));
    expect(await listImageFiles(folder)).toEqual(["a.jpg", "a/h.png", "b.PNG", "x/c.png", "z/g.tif"]);
    expect(await listImageFiles(folder, { recurse: false })).toEqual(["a.jpg", "b.PNG"]);
  });

  test("include and exclude name folders of the first level, hidden ones too", async () => {
    const folder = await folderOf(files);
    const names = await listImageFiles(folder, { include: ["x", ".y"] });
    expect(names).toEqual([".y/f.png", "a.jpg", "b.PNG", "x/c.png"]);
    expect(await listImageFiles(folder, { exclude: ["x", "a"] })).toEqual([".y/f.png", "a.jpg", "b.PNG", "z/g.tif"]);
  });

  test("endings, in any case, or any", async () => {
    const folder = await folderOf(files);
    expect(await listImageFiles(folder, { extensions: ["png"] })).toEqual(["a/h.png", "b.PNG", "x/c.png"]);
    expect(await listImageFiles(folder, { extensions: null, recurse: false })).toContain("notes.txt");
  });

  test("presort is fastai's order", async () => {
    const folder = await folderOf(["a.png", "a/b.png", "a-c.png"]);
    expect(await listImageFiles(folder)).toEqual(["a-c.png", "a.png", "a/b.png"]);
    expect(await listImageFiles(folder, { presort: true })).toEqual(["a-c.png", "a/b.png", "a.png"]);
  });

  test("a folder that is none", async () => {
    const folder = await folderOf(["a.png"]);
    await expect(listImageFiles(path.join(folder, "a.png"))).rejects.toThrow("is a file, but a folder was expected");
    await expect(listImageFiles(path.join(folder, "b"))).rejects.toThrow("cannot be read");
  });
});

test("getImageFiles gives paths, of one folder unless told otherwise", async () => {
  const folder = await folderOf(files);
  expect(await getImageFiles(folder)).toEqual([path.join(folder, "a.jpg"), path.join(folder, "b.PNG")]);
  expect(await getImageFiles(folder, { recurse: true })).toHaveLength(5);
  expect(await getImageFiles(folder, { checkExt: false })).toContain(path.join(folder, "notes.txt"));
});
