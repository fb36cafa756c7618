/** @file `segkit data check`: what it prints, writes and leaves with, and that threads change nothing. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { countClasses } from "../src/data/class-frequencies.node.ts";
import { examine } from "../src/data/check/examine.node.ts";
import { examineDataset } from "../src/data/check/examine-dataset.node.ts";
import { folderSource } from "../src/data/check/folder-source.node.ts";
import { yamlSource } from "../src/data/check/yaml-source.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { weightsFrom } from "../src/losses/class-weights.ts";
import { dataReportPage } from "../src/report/data-page.node.ts";
import { adviseSizes } from "../src/train/size-advice.ts";
import { type CliEvent, eventsOf, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const sound = { items: 7, valid: 3, height: 40, width: 48, seed: 5 };

describe("segkit data check", () => {
  test("leaves with 0 and says what is in sound data", async () => {
    const root = await writeDataset(sound);
    const { code, stdout, stderr } = await segkitHere(["data", "check", root]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toContain(`${root}: 4 training, 3 validation pictures, 4 classes, checked in `);
    expect(lines.find((line) => line.startsWith("road "))).toMatch(
      /^road +[\d.]+ % +[\d.]+ % +[\d.]+ % +[\d.]+ % +\d+ /,
    );
    expect(stdout).toContain("sizes: 40×48 (7)");
    expect(stdout).toContain("to begin with: --size 40x48 --bs 1 (the pictures' own size; ");
    expect(lines.at(-1)).toBe("0 kinds of errors, 0 kinds of warnings");
  });

  test("leaves with 3 where training would be wrong, and names file and remedy", async () => {
    const root = await writeDataset(sound);
    await rm(join(root, "labels/scene_002_P.png"));
    await cp(join(root, "images/scene_000.png"), join(root, "images/scene_001.png"));
    const { code, stdout, stderr } = await segkitHere(["data", "check", root]);
    expect(code).toBe(3);
    expect(stdout).toContain(
      [
        "error: images without a mask",
        "  images/scene_002.png: neither labels/scene_002_P.png nor labels/scene_002.png exists",
        "  → Add a mask of the image's name (with or without _P) as PNG, or remove the image.",
      ].join("\n"),
    );
    expect(stdout).toContain("1 kind of errors, 2 kinds of warnings");
    expect(stderr).toBe(
      `segkit: data check: training on ${root} would fail or be wrong: missing-mask (1)\n  What to do is said with each of them, above.\n`,
    );
  });

  test("--json prints an object a line, --report writes one file that needs no other", async () => {
    const root = await writeDataset(sound);
    await cp(join(root, "images/scene_000.png"), join(root, "images/scene_005.png"));
    const file = join(root, "new/report.html");
    const result = await segkitHere(["data", "check", root, "--json", "--report", file]);
    expect(result.code).toBe(3);
    const events = eventsOf(result);
    const of = (name: string): CliEvent[] => events.filter(({ event }) => event === name);
    expect(of("finding").map(({ kind, severity }) => [kind, severity])).toEqual([
      ["duplicate-across", "error"],
      ["different-masks", "warning"],
    ]);
    expect(of("finding")[0]!.places).toEqual([
      {
        file: "images/scene_005.png",
        other: "images/scene_000.png",
        detail: "validation picture, equal to training picture images/scene_000.png",
      },
    ]);
    expect(of("check")[0]).toMatchObject({
      pictures: { train: 4, valid: 3, test: 0 },
      errors: 1,
      warnings: 1,
      sizes: [{ height: 40, width: 48, count: 7 }],
      advice: { first: { batchSize: 1 } },
    });
    expect(of("error")[0]).toMatchObject({ exitCode: 3 });
    const page = await readFile(file, "utf8");
    expect(page).toContain("equal pictures on both sides of the split");
    expect(page.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(4);
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).toMatch(/prefers-color-scheme:\s*dark/);
    expect(page).toContain('name="viewport"');
    // All it refers to is inside of it.
    const references = [...page.matchAll(/(?:src|href)="([^"]*)"|url\(([^)]*)\)/g)].map(([, a, b]) => a ?? b!);
    expect(references.filter((reference) => !/^(data:|#)/.test(reference))).toEqual([]);
  });

  test("wrong usage", async () => {
    const root = await writeDataset(sound);
    const failure = async (...args: string[]) => {
      const { code, stderr } = await segkitHere(["data", ...args]);
      return `${code}: ${stderr.trimEnd().replaceAll(root, "ROOT")}`;
    };
    const [none, unknown, extension, missing] = await Promise.all([
      failure("check"),
      failure("check", root, "--force"),
      failure("check", root, "--report", "x.txt"),
      failure("check", "nowhere"),
    ]);
    expect(none).toMatchInlineSnapshot(`
      "2: segkit: data check: expected one dataset, but received none
        Write segkit data check FOLDER."
    `);
    expect(unknown).toMatchInlineSnapshot(`
      "2: segkit: data check: --force is no option of it
        It has: --report, --workers, --allow-outside, --mask-div, --mask-map, --mask-colours, --ignore-index."
    `);
    expect(extension).toMatchInlineSnapshot(
      `"2: segkit: --report: expected a file name that ends in .html, but received x.txt"`,
    );
    expect(missing).toMatchInlineSnapshot(`
      "3: segkit: data: folder nowhere does not exist
        Name a folder with images/, labels/, codes.txt and valid.txt, or one of: streets, camvid, camvid-tiny."
    `);
  });
});

describe("a check in threads", () => {
  test("finds what one without finds", async () => {
    const root = await writeDataset({ ...sound, items: 30, valid: 9 });
    await rm(join(root, "labels/scene_002_P.png"));
    await writeFile(join(root, "labels/scene_012_P.png"), "");
    const source = await folderSource(root);
    const told: Record<string, number[]> = { reading: [], comparing: [] };
    const onProgress = (done: number, total: number, what: string) => told[what]!.push(done / total);
    const report = await examine(source, { workers: 3, onProgress });
    expect(report).toEqual(await examine(source, { workers: 0 }));
    expect(report.findings.map(({ kind }) => kind)).toEqual(["missing-mask", "unreadable-mask"]);
    expect(told.reading).toHaveLength(30);
    expect([told.reading!.at(-1), told.comparing!.at(-1)]).toEqual([1, 1]);
  });

  test("of a program says the same", async () => {
    const root = await writeDataset(sound);
    await writeFile(join(root, "labels/scene_002_P.png"), "");
    const masks = { ignoreIndex: 1 };
    const report = await examineDataset(root, { masks, workers: 1 });
    expect(report).toEqual(await examine(await folderSource(root, masks), { workers: 0 }));
    expect(report.findings.map(({ kind }) => kind)).toEqual(["unreadable-mask"]);
  });

  test("ends when it is interrupted", async () => {
    const source = await folderSource(await writeDataset({ ...sound, items: 30, valid: 9 }));
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    await expect(examine(source, { workers: 2, signal: controller.signal, onProgress })).rejects.toThrow("enough");
  });

  test("weighs classes as the training does", async () => {
    const root = await writeDataset(sound);
    const { classWeights, classes } = await examine(await folderSource(root), { workers: 0 });
    const frequencies = await countClasses(await openFolder(root));
    expect(classWeights).toEqual(weightsFrom(frequencies));
    expect(classes.filter(({ isVoid }) => !isVoid).map(({ train }) => train.pixels)).toEqual(
      frequencies.pixels.slice(0, 3),
    );
  });
});

describe("a data.yaml", () => {
  /** The pictures of a dataset in folders of their sides. */
  async function write(description: string): Promise<string> {
    const [root, from] = [await tempFolder(), await writeDataset(sound)];
    for (const [i, side] of ["train", "train", "train", "train", "val", "val", "val"].entries()) {
      for (const [part, name, to] of [
        ["images", `scene_00${i}.png`, `images/${side}`],
        ["labels", `scene_00${i}_P.png`, `masks/${side}`],
      ] as const) {
        await mkdir(join(root, to), { recursive: true });
        await cp(join(from, part, name), join(root, to, name));
      }
    }
    await writeFile(join(root, "data.yaml"), description);
    return root;
  }

  test("gives lists, masks and names", async () => {
    const root = await write("train: images/train\nval: images/val\nnames: [sky, road, car, void]\n");
    const source = await yamlSource(join(root, "data.yaml"));
    expect(source).toMatchObject({ classes: ["sky", "road", "car", "void"], voidIndex: 3, found: [] });
    expect(source.pairs[4]).toMatchObject({
      side: "valid",
      image: { name: "images/val/scene_004.png" },
      mask: { name: "masks/val/scene_004_P.png" },
    });
    // A list to test on is counted and shown too.
    const tested = join(root, "tested.yaml");
    await writeFile(tested, "train: images/train\nval: images/val\ntest: images/val\nnames: [sky, road, car, void]\n");
    const counted = await examineDataset(tested, { workers: 0 });
    expect(counted.classes.map(({ test: { pixels } }) => pixels)).toEqual(
      counted.classes.map(({ valid: { pixels } }) => pixels),
    );
    expect(counted.findings.map(({ kind, places }) => [kind, places.length])).toEqual([["duplicate-across", 3]]);
    const copies = await segkitHere(["data", "check", tested]);
    expect(copies.stdout).toMatch(/^class +pixels +of valid +of test +pictures +of valid +of test +objects/m);
    const { findings, pictures } = await examineDataset(join(root, "data.yaml"), { workers: 0 });
    expect(findings).toEqual([]);
    expect(pictures).toEqual({ train: 4, valid: 3, test: 0 });
    const { code, stdout } = await segkitHere(["data", "check", join(root, "data.yaml")]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("4 training, 3 validation pictures, 4 classes")]);
  });

  test("may name lists of files, and ids", async () => {
    const root = await write(
      "path: .\ntrain: [images/train]\nval: val.txt\nmasks: masks\nnames: {0: sky, 1: road, 2: car, 3: void}\n",
    );
    await writeFile(join(root, "val.txt"), "images/val/scene_004.png\nimages/val/gone.png\n");
    const { findings } = await examine(await yamlSource(join(root, "data.yaml")), { workers: 0 });
    expect(findings.map(({ kind, places }) => [kind, places[0]!.file])).toEqual(
      expect.arrayContaining([
        ["missing-mask", "images/val/gone.png"],
        ["unreadable-image", "images/val/gone.png"],
      ]),
    );
  });

  test("names nothing outside its folder, unless that is allowed", async () => {
    const [root, other] = [await write("never read"), await writeDataset(sound)];
    await cp(join(root, "masks"), join(other, "masks"), { recursive: true });
    await symlink(other, join(root, "linked"), "dir");
    await writeFile(join(root, "far.txt"), `${other}/images/scene_000.png\n`);
    const file = join(root, "data.yaml");
    for (const lines of [
      `train: ${other}/images`,
      `train: ../${basename(other)}/images`,
      "train: linked/images",
      "train: far.txt",
      `train: images/train\nmasks: ../${basename(other)}/masks`,
      `train: images\npath: ${other}`,
    ]) {
      await writeFile(file, `${lines}\nval: images/val\nnames: [sky, road, car, void]\n`);
      const refused = { exitCode: 7, message: expect.stringMatching(/ names .* outside its folder$/) as string };
      await expect(yamlSource(file), lines).rejects.toMatchObject(refused);
    }
    await writeFile(file, `path: ${other}\ntrain: images\nval: images\nnames: [sky, road, car, void]\n`);
    expect((await yamlSource(file, { allowOutside: true })).pairs).toHaveLength(14);
    const { code, stderr } = await segkitHere(["data", "check", file]);
    expect([code, stderr]).toEqual([7, expect.stringContaining("--allow-outside")]);
  });

  test("that is none", async () => {
    const root = await write("train: images/train\nnames: [sky, road]\n");
    const file = join(root, "data.yaml");
    await expect(yamlSource(file)).rejects.toThrow(/describes no dataset: val: /);
    await writeFile(file, "train: images/train\nval: elsewhere\nnames: [sky, road]\n");
    await expect(yamlSource(file)).rejects.toThrow(/names elsewhere, which is no folder and no \.txt file below/);
    await writeFile(file, "{");
    await expect(yamlSource(file)).rejects.toThrow(/describes no dataset/);
  });
});

describe("advice", () => {
  test("is half the size to begin with, less where memory is short, none where there is nothing", async () => {
    const report = await examine(await folderSource(await writeDataset(sound)), { workers: 0 });
    const large = {
      ...report,
      sizes: [{ height: 96, width: 128, count: 40, example: "x" }],
      pictures: { train: 40, valid: 3, test: 0 },
    };
    const ample = adviseSizes(large, 64e9);
    expect(ample).toMatchObject({
      first: { size: [48, 64], batchSize: 8 },
      largest: { size: [96, 128], batchSize: 8 },
    });
    expect(ample!.first.reason).toContain("1/2 of 96×128; batches of 8");
    expect(adviseSizes(large, 1e6)).toBe(null);
    expect(adviseSizes({ ...report, sizes: [] }, 64e9)).toBe(null);
  });

  test("a page of a folder without a sound file", async () => {
    const root = await writeDataset(sound);
    for (let i = 0; i < 7; i++) {
      await writeFile(join(root, `images/scene_00${i}.png`), "x");
      await writeFile(join(root, `labels/scene_00${i}_P.png`), "<script>");
    }
    const source = await folderSource(root);
    const report = await examine(source, { workers: 0 });
    const page = await dataReportPage({ ...report, name: "<b>" }, source, null);
    expect(page).toContain("No mask could be read.");
    expect(page).toContain("images/scene_003.png cannot be shown");
    expect(page).not.toContain("<b><");
    expect(report.classWeights).toBe(null);
  });
});
