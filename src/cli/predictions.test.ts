import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import type { PredictionFormatName } from "../inference/formats/index.node.ts";
import type { PredictSource } from "./predict-sources.ts";
import { fileOf, frameName, predictionsFor, shardOf, videoFileOf } from "./predictions.ts";

let root: string;
const at = (...names: string[]): string => join(root, ...names);
const both: PredictionFormatName[] = ["masks", "overlays"];

beforeAll(async () => {
  root = await tempFolder();
  for (const folder of ["a", "b"]) {
    await mkdir(at(folder));
    await writeFile(at(folder, "1.png"), "");
  }
});

const sources = (...paths: string[]): PredictSource[] =>
  paths.map((path) => ({ file: at("a", path), path, video: path.endsWith(".mp4") }));
const namesOf = async (...paths: string[]): Promise<string[]> =>
  (await predictionsFor(sources(...paths), both, "out")).map(({ name }) => name);

test("files are named as the pictures, without the extension unless it alone tells them apart", async () => {
  expect(await namesOf("x.png", "x.jpg", "x.y.jpg", "sub/x.png")).toEqual(["x_png", "x_jpg", "x.y", "sub/x"]);
  expect(await namesOf("clip.mp4", "clip.webp")).toEqual(["clip_mp4", "clip_webp"]);
});

test("where files are", () => {
  expect(fileOf("sub/x", "overlays")).toBe(join("sub", "x_overlay.png"));
  expect(fileOf("sub/x", "rle")).toBe(join(".parts", "sub", "x_rle.json"));
  expect(fileOf(frameName("clip", 9), "masks")).toBe(join("clip", "000010.png"));
  expect(videoFileOf("clip", "overlays")).toBe("clip_overlay.mp4");
});

test("no file is written twice or over a picture", async () => {
  await expect(namesOf("x.png", "x_overlay.webp")).rejects.toThrow("both be written to out/x_overlay.png");
  await expect(namesOf("1.png", "1.png")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: predict: two predictions would both be written to out/1_png.png]`,
  );
  await expect(predictionsFor(sources("1.png"), both, at("a"))).rejects.toThrow(
    "a/1.png would be written over a picture",
  );
  await expect(predictionsFor(sources("1.png"), ["yolo"], at("a"))).resolves.toHaveLength(1);
  await symlink(at("a"), at("link"));
  await expect(predictionsFor(sources("1.png"), both, at("link"))).rejects.toMatchObject({ exitCode: 2 });
});

test("shards share out everything", () => {
  const items = [0, 1, 2, 3, 4, 5, 6];
  expect([1, 2, 3].map((index) => shardOf(items, { index, count: 3 }))).toEqual([
    [0, 3, 6],
    [1, 4],
    [2, 5],
  ]);
  expect(shardOf(items, undefined)).toEqual(items);
  expect(shardOf([0], { index: 2, count: 2 })).toEqual([]);
});
