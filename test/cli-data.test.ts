/** @file Data that cannot be trained on: found out before any time is spent, said in one sentence with a remedy. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset, writeGreyMask } from "./support/dataset.ts";

const classes = ["sky", "road", "car", "void"];

describe("data that cannot be trained on", () => {
  const paths = (folder: string) => ({
    image: (i: number) => join(folder, "images", `scene_00${i}.png`),
    mask: (i: number) => join(folder, "labels", `scene_00${i}_P.png`),
    images: join(folder, "images"),
    codes: join(folder, "codes.txt"),
    valid: join(folder, "valid.txt"),
  });
  type Change = (files: ReturnType<typeof paths>) => Promise<unknown>;

  const mask = (value: (pixel: number) => number, height = 24, width = 32) => ({
    data: Uint8Array.from({ length: height * width }, (_, i) => value(i)),
    ...{ height, width },
  });
  const allMasks =
    (value: (pixel: number) => number): Change =>
    (files) =>
      Promise.all([0, 1, 2, 3, 4, 5].map((i) => writeGreyMask(files.mask(i), mask(value))));
  const copyAgain = "Copy the file again from its source, save it as JPEG or PNG, or remove it with its mask.";

  const cases: [name: string, change: Change, lines: string][] = [
    [
      "no images",
      async ({ images }) => {
        await rm(images, { recursive: true });
        await mkdir(images);
      },
      "data: images/ holds no images\n  Images end in .jpg, .jpeg, .png, .webp, .tif, .tiff, .gif; found: nothing.",
    ],
    [
      "an image without mask",
      (files) => rm(files.mask(1)),
      "data: image images/scene_001.png has no mask\n  Add labels/scene_001_P.png (or labels/scene_001.png), or remove the image.",
    ],
    [
      "a mask of another size",
      (files) =>
        writeGreyMask(
          files.mask(1),
          mask(() => 0, 12, 16),
        ),
      "train: mask labels/scene_001_P.png is 12×16, but its image images/scene_001.png is 24×32\n  Make the mask from the image at its full size; ids cannot be resized smoothly.",
    ],
    [
      "masks of 0 and 255",
      allMasks((pixel) => (pixel % 2) * 255),
      "train: mask labels/scene_000_P.png holds value 255, but there are 4 classes (0–3) (and 5 more with the same fault)\n  The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1.",
    ],
    [
      "ids that begin at 1",
      allMasks((pixel) => 1 + (pixel % 4)),
      "train: mask labels/scene_000_P.png holds value 4, but there are 4 classes (0–3) (and 5 more with the same fault)\n  The ids begin at 1: subtract 1 from every value with the mask option valueMap, { 1: 0, 2: 1, … } (--mask-map).",
    ],
    [
      "a mask in colours",
      (files) => cp(files.image(2), files.mask(2)),
      "train: mask labels/scene_002_P.png is a colour picture (rgb), but a mask holds one class id per pixel\n  Give the colours of the classes with the mask option colours (--mask-colours), or replace them by ids in a grey or palette PNG.",
    ],
    [
      "an empty validation list",
      (files) => writeFile(files.valid, "\n"),
      "data: valid.txt is empty, so there is no validation list\n  Write file names of images into it, one per line, or delete it for a random split.",
    ],
    [
      "a truncated picture",
      async (files) => writeFile(files.image(3), (await readFile(files.image(3))).subarray(0, 400)),
      `train: image images/scene_003.png is damaged or truncated\n  ${copyAgain}`,
    ],
    [
      "a picture that is none",
      (files) => writeFile(files.image(5), "not a picture"),
      `valid: image images/scene_005.png is no picture of a known format\n  ${copyAgain}`,
    ],
    [
      "more ids than codes",
      (files) => writeFile(files.codes, "sky\nroad\ncar\n"),
      "train: mask labels/scene_000_P.png holds value 3, but there are 3 classes (0–2) (and 2 more with the same fault)\n  The masks use ids up to 3: codes.txt needs 4 names, or the masks other ids.",
    ],
    [
      "no codes",
      (files) => rm(files.codes),
      "data: codes.txt is missing in DATA\n  Write the class names into it, one per line; the first line names id 0 of the masks.",
    ],
  ];

  test.each(cases)("%s", async (_, change, lines) => {
    const folder = await writeDataset({ classes });
    await change(paths(folder));
    const cwd = await tempFolder();
    const { code, stdout, stderr } = await segkitHere(["train", "--data", folder], { cwd });
    expect(`${code} ${stderr.trimEnd().replaceAll(folder, "DATA")}`).toBe(
      `${lines.includes(copyAgain) ? 7 : 3} segkit: ${lines}`,
    );
    expect(stdout).toBe("");
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("segkit data show", () => {
  test("draws the first batch as a training with the same options would see it", async () => {
    const folder = await writeDataset({ items: 9, valid: 2, classes });
    const cwd = await tempFolder();
    const show = (...more: string[]) => segkitHere(["data", "show", folder, ...more], { cwd });
    const { code, stdout, stderr } = await show("--transforms", "fastai", "--size", "20x24", "--rows", "2");
    expect({ code, stderr, last: stdout.split("\n").at(-1) }).toEqual({
      ...{ code: 0, stderr: "", last: "4 pictures at 20×24 in batch.png" },
    });
    const drawn = sharp(join(cwd, "batch.png"));
    expect((await drawn.metadata()).format).toBe("png");
    expect((await drawn.stats()).entropy).toBeGreaterThan(1);
    const again = [await readFile(join(cwd, "batch.png"))];
    await show("--transforms", "fastai", "--size", "20x24", "--rows", "2", "--out", "same.png");
    await show("--transforms", "fastai", "--size", "20x24", "--rows", "2", "--seed", "1", "--out", "other.png");
    again.push(await readFile(join(cwd, "same.png")), await readFile(join(cwd, "other.png")));
    expect([again[1]!.equals(again[0]!), again[2]!.equals(again[0]!)]).toEqual([true, false]);
    const valid = await show("--list", "valid", "--theme", "dark", "--out", "valid.svg");
    expect(valid.stdout.split("\n").at(-1)).toBe("2 pictures at 12×16 in valid.svg");
    const svg = await readFile(join(cwd, "valid.svg"), "utf8");
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain(`fill="#16191d"`);
  });

  test("refuses files that are no pictures and options of other actions before it reads a picture", async () => {
    const refused = async (...more: string[]) =>
      (await segkitHere(["data", "show", "nowhere", ...more])).stderr.split("\n")[0];
    expect(await refused("--out", "batch.jpg")).toBe(
      "segkit: plot: expected a file name that ends in .svg or .png, but received batch.jpg",
    );
    expect(await refused("--report", "x.html")).toBe("segkit: data show: --report is no option of it");
    expect(await refused()).toBe("segkit: data: folder nowhere does not exist");
  });
});
