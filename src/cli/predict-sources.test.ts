import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { sourcesOf } from "./predict-sources.ts";

let root: string;
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  root = await tempFolder();
  const files = ["a/2.jpg", "a/1.png", "a/notes.txt", "a/.hidden.png", "a/clip.mp4", "a/deep/er/3.webp", "[x]/1.png"];
  for (const file of files) {
    await mkdir(dirname(at(file)), { recursive: true });
    await writeFile(at(file), "");
  }
});

const found = async (...words: string[]): Promise<string[]> =>
  (await sourcesOf(words, at("a", "deep", "out"))).map(({ path, video }) => (video ? `video ${path}` : path));

test("folders stand for their pictures, in the order of their names", async () => {
  expect(await sourcesOf([at("a")], "out")).toEqual([
    { file: at("a/1.png"), path: "1.png", video: false },
    { file: at("a/2.jpg"), path: "2.jpg", video: false },
  ]);
});

test("patterns stand for pictures and videos, by their paths below what has no wildcards", async () => {
  expect(await found(at("a/**/*"))).toEqual(["1.png", "2.jpg", "video clip.mp4", "deep/er/3.webp"]);
  expect(await found(at("*/**/*.{png,webp}"))).toEqual(["[x]/1.png", "a/1.png", "a/deep/er/3.webp"]);
  expect(await found(at("a/?.*"))).toEqual(["1.png", "2.jpg"]);
  expect((await sourcesOf([at("a/*.jpg")], "out"))[0]?.file).toBe(at("a/2.jpg"));
});

test("what a file is called is no pattern where there is one; a file counts once", async () => {
  expect(await found(at("[x]/1.png"))).toEqual(["1.png"]);
  expect(await found(at("a/2.jpg"), at("a"), at("a/*.jpg"), at("a/clip.mp4"))).toEqual([
    ...["2.jpg", "1.png", "video clip.mp4"],
  ]);
});

test("a pattern does not match what was written below --out", async () => {
  await mkdir(at("a/deep/out/sub"), { recursive: true });
  await writeFile(at("a/deep/out/sub/1.png"), "");
  expect(await found(at("a/deep/**/*"))).toEqual(["er/3.webp"]);
});

test("words that stand for no picture are refused", async () => {
  await mkdir(at("empty"));
  await expect(found(at("none.png"))).rejects.toMatchObject({ exitCode: 3 });
  await expect(found(at("empty"))).rejects.toThrow("holds no pictures");
  await expect(found(at("a/*.txt"))).rejects.toThrow("a/*.txt matches no pictures");
});
