import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { predictionsFor } from "./predictions.ts";

let root: string;
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  root = await tempFolder();
  for (const folder of ["a", "b", "both"]) await mkdir(at(folder));
  const files = ["a/2.jpg", "a/1.png", "a/notes.txt", "a/.hidden.png", "b/1.png", "both/x.png", "both/x.y.jpg"];
  for (const file of [...files, "both/x.jpg"]) await writeFile(at(file), "");
});

test("folders stand for their pictures, in the order of their names", async () => {
  expect(await predictionsFor([at("a")], "out")).toEqual([
    { image: at("a/1.png"), mask: "out/1.png", overlay: "out/1_overlay.png" },
    { image: at("a/2.jpg"), mask: "out/2.png", overlay: "out/2_overlay.png" },
  ]);
});

test("pictures that differ only in their extension keep it", async () => {
  const masks = (await predictionsFor([at("both")], "out")).map(({ mask }) => mask);
  expect(masks).toEqual(["out/x_jpg.png", "out/x_png.png", "out/x.y.png"]);
});

test("no file is written twice or over a picture", async () => {
  await expect(predictionsFor([at("a"), at("b")], "out")).rejects.toThrow(
    "predict: two predictions would both be written to out/1_png.png",
  );
  await writeFile(at("both/x_png_overlay.webp"), "");
  await expect(predictionsFor([at("both")], "out")).rejects.toThrow("both be written to out/x_png_overlay.png");
  await expect(predictionsFor([at("b")], at("b"))).rejects.toThrow("b/1.png would be written over a picture");
  await symlink(at("b"), at("link"));
  await expect(predictionsFor([at("b")], at("link"))).rejects.toMatchObject({ exitCode: 2 });
});

test("words that stand for no picture are refused", async () => {
  await mkdir(at("empty"));
  await expect(predictionsFor([at("none.png")], "out")).rejects.toMatchObject({ exitCode: 3 });
  await expect(predictionsFor([at("empty")], "out")).rejects.toThrow("holds no pictures");
});
