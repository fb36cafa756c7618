import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import { checkDataset } from "../check.node.ts";
import { decodeImage, decodeMask } from "../decode.node.ts";
import { openFolder } from "../folder.node.ts";
import { drawStreet, streetsClasses } from "./streets.ts";
import { writeStreets } from "./write.node.ts";

const options = { train: 4, valid: 2, height: 24, width: 32, seed: 7, threads: 0 };
let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), "segkit-streets-"));
  folder = path.join(parent, "streets");
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

describe("writeStreets", () => {
  test("writes a dataset that opens and checks without a warning about its files", async () => {
    const progress: string[] = [];
    await writeStreets(folder, { ...options, onProgress: (done, total) => progress.push(`${done}/${total}`) });
    expect(progress).toEqual(["0/6", "1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
    expect(await readdir(parent)).toEqual(["streets"]);
    const dataset = await openFolder(folder);
    expect(dataset.classes).toEqual(streetsClasses);
    expect(dataset.train.map(({ id }) => id)).toHaveLength(4);
    expect(await readFile(path.join(folder, "valid.txt"), "utf8")).toBe("street_00004.png\nstreet_00005.png\n");
    expect(dataset.valid).toHaveLength(2);
    const report = await checkDataset(dataset);
    expect(report.sizes).toMatchObject([{ height: 24, width: 32, count: 6 }]);
    expect(JSON.parse(await readFile(path.join(folder, "streets.json"), "utf8"))).toMatchInlineSnapshot(`
      {
        "dataset": "streets",
        "height": 24,
        "seed": 7,
        "train": 4,
        "valid": 2,
        "version": 1,
        "width": 32,
      }
    `);
  });

  test("the files hold the very pixels that are drawn, whichever thread draws them", async () => {
    await writeStreets(folder, { ...options, threads: 2 });
    for (const [name, keys] of [
      ["street_00003", ["train", 3]],
      ["street_00005", ["valid", 1]],
    ] as const) {
      const { image, mask } = drawStreet(new Random(7).split(...keys), options);
      expect(Uint8Array.from((await decodeImage(path.join(folder, "images", `${name}.png`))).data)).toEqual(image);
      expect(Uint8Array.from((await decodeMask(path.join(folder, "labels", `${name}_P.png`))).data)).toEqual(mask);
    }
  });

  test("a folder that holds the same already is used as it is", async () => {
    await writeStreets(folder, options);
    const file = path.join(folder, "images", "street_00000.png");
    const before = (await stat(file)).mtimeMs;
    const progress: number[] = [];
    await writeStreets(folder, { ...options, onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([6]);
    expect((await stat(file)).mtimeMs).toBe(before);
  });

  test("a folder of other streets is replaced; those that both have stay the same", async () => {
    await writeStreets(folder, options);
    const file = path.join(folder, "images", "street_00002.png");
    const before = await readFile(file);
    await writeStreets(folder, { ...options, train: 3 });
    expect(await readdir(parent)).toEqual(["streets"]);
    expect(await readdir(path.join(folder, "images"))).toHaveLength(5);
    expect(await readFile(file)).toEqual(before);
    await writeStreets(folder, { ...options, seed: 8 });
    expect(await readFile(file)).not.toEqual(before);
  });

  test.each([0, 2])("interrupted with %d threads, nothing is left behind", async (threads) => {
    const abort = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 2) abort.abort(new Error("stopped"));
    };
    await expect(writeStreets(folder, { ...options, threads, onProgress, signal: abort.signal })).rejects.toThrow(
      "stopped",
    );
    expect(await readdir(parent)).toEqual([]);
  });

  test("interrupted, an older dataset is still there and whole", async () => {
    await writeStreets(folder, options);
    const onProgress = (): never => {
      throw new Error("stopped");
    };
    await expect(writeStreets(folder, { ...options, seed: 8, onProgress })).rejects.toThrow("stopped");
    expect(await readdir(parent)).toEqual(["streets"]);
    expect((await openFolder(folder)).train).toHaveLength(4);
  });

  test("a folder with something else in it is not touched", async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, "thesis.txt"), "all of it");
    await expect(writeStreets(folder, options)).rejects.toMatchObject({
      exitCode: 2,
      message: `streets: ${folder} is a folder with something else in it`,
    });
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
    const file = path.join(folder, "thesis.txt");
    await expect(writeStreets(file, options)).rejects.toMatchObject({
      exitCode: 2,
      message: `streets: ${file} is no folder`,
    });
  });

  test("a place that cannot be written is an error of resources", async () => {
    const file = path.join(parent, "file");
    await writeFile(file, "");
    await expect(writeStreets(path.join(file, "streets"), options)).rejects.toMatchObject({ exitCode: 4 });
  });

  test.each([
    [{ train: 0 }, "streets: train: expected a whole number from 1 to 50000, but received 0"],
    [{ valid: 1.5 }, "streets: valid: expected a whole number from 1 to 50000, but received 1.5"],
    [{ seed: Number.NaN }, "streets: seed: expected a whole number from -2147483648 to 4294967295, but received NaN"],
    [{ height: 4 }, "drawStreet: expected a height and a width of 16 to 4096 pixels, but received 4×32"],
  ])("%o is refused", async (wrong, message) => {
    await expect(writeStreets(folder, { ...options, ...wrong })).rejects.toMatchObject({ exitCode: 2, message });
    expect(await readdir(parent)).toEqual([]);
  });
});
