/** @file The check of a dataset, on folders broken in exactly one way each: it names the fault, the file and the remedy. */
import { appendFile, cp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import type { Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { examine } from "../src/data/check/examine.node.ts";
import { type FindingKind, findingRules } from "../src/data/check/finding-rules.ts";
import { openSource } from "../src/data/check/examine-dataset.node.ts";
import { folderSource } from "../src/data/check/folder-source.node.ts";
import type { MaskOptions } from "../src/data/mask-options.ts";
import { distinctColours } from "../src/data/palette.ts";
import { Random } from "../src/util/random.ts";
import { scene, tempFolder, writeDataset, writeGreyMask, writePicture } from "./support/dataset.ts";

const [height, width] = [40, 48];

/** Seven pictures, the last three for validation, with which nothing is wrong. */
const sound = { items: 7, valid: 3, height, width, seed: 5 };

/** A dataset folder to be broken. */
class Folder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at(name: string): string {
    return join(this.root, name);
  }

  image(i: number, extension = "png"): string {
    return this.at(`images/scene_00${i}.${extension}`);
  }

  mask(i: number, extension = "png"): string {
    return this.at(`labels/scene_00${i}_P.${extension}`);
  }

  ids(i: number): ReturnType<typeof scene>["mask"] {
    return scene(height, width, 4, new Random(sound.seed).split(i)).mask;
  }

  /** Writes masks anew with other numbers. */
  async remask(change: (id: number, i: number) => number, which = [0, 1, 2, 3, 4, 5, 6]): Promise<void> {
    for (const i of which) {
      const mask = this.ids(i);
      await writeGreyMask(this.mask(i), { ...mask, data: mask.data.map((id) => change(id, i)) });
    }
  }

  /** Writes an image anew, perhaps with another extension. */
  async reimage(i: number, change: (image: Sharp) => Sharp, extension = "png"): Promise<void> {
    const bytes = await change(sharp(await readFile(this.image(i)))).toBuffer();
    await rm(this.image(i));
    await writeFile(this.image(i, extension), bytes);
  }

  /** Lists of pictures by their numbers, the others being for training, in a data.yaml. */
  async describe(valid: readonly number[], test: readonly number[], name = "scene"): Promise<void> {
    const images = (await readdir(this.at("images"))).filter((image) => image.startsWith(name)).toSorted();
    const train = [...images.keys()].filter((i) => !valid.includes(i) && !test.includes(i));
    for (const [list, numbers] of Object.entries({ train, val: valid, test }))
      await writeFile(this.at(`${list}.txt`), numbers.map((i) => `images/${images[i]}\n`).join(""));
    const names = "names: [sky, road, car, void]";
    await writeFile(this.at("data.yaml"), `train: train.txt\nval: val.txt\ntest: test.txt\n${names}\n`);
  }

  /** A picture with more pixels, so that files can be cut in their pixels. */
  async enlarge(i: number): Promise<void> {
    const { image, mask } = scene(120, 144, 4, new Random(9).split(i));
    await writePicture(this.image(i), image);
    await writeGreyMask(this.mask(i), mask);
  }
}

interface Case {
  readonly break: (folder: Folder) => Promise<unknown>;
  readonly masks?: MaskOptions;
  /** The files, or classes, that are named, each with its detail. */
  readonly places: readonly string[];
  /** What must be in the remedy. */
  readonly remedy: RegExp;
  /** Other kinds of findings that come along. */
  readonly also?: readonly FindingKind[];
}

const last = async (file: string, bytes: number): Promise<void> =>
  truncate(file, (await readFile(file)).length - bytes);

/** A cut of a broad, coarse random picture, as a moving camera sees it. */
async function frame(i: number): Promise<Buffer> {
  const random = new Random(3);
  const broad = { width: 24, height: 6, channels: 3 as const };
  const data = Uint8Array.from({ length: broad.width * broad.height * 3 }, () => random.integer(256));
  return sharp(data, { raw: broad })
    .resize(width * 8, height, { kernel: "cubic", fit: "fill" })
    .png()
    .toBuffer()
    .then((all) =>
      sharp(all)
        .extract({ left: 8 * i, top: 0, width, height })
        .png()
        .toBuffer(),
    );
}

/** Twenty frames of a film in place of the pictures: `drive_000` to `drive_019`, with masks that are all sound. */
async function film(folder: Folder, validation: readonly number[], keep: boolean): Promise<void> {
  if (!keep) for (const part of ["images", "labels"]) await rm(folder.at(part), { recursive: true });
  const names = Array.from({ length: 20 }, (_, i) => `drive_${String(i).padStart(3, "0")}`);
  await cp(await writeDataset({ ...sound, items: 2, valid: 1 }), folder.at("x"), { recursive: true });
  for (const part of ["images", "labels"]) await cp(folder.at(`x/${part}`), folder.at(part), { recursive: true });
  if (!keep) for (const i of [0, 1]) await Promise.all([rm(folder.image(i)), rm(folder.mask(i))]);
  for (const [i, name] of names.entries()) {
    await writeFile(folder.at(`images/${name}.png`), await frame(i));
    await writeGreyMask(folder.at(`labels/${name}.png`), folder.ids(i % 7));
  }
  await writeFile(folder.at("valid.txt"), validation.map((i) => `${names[i]}.png\n`).join(""));
}

const cases: Readonly<Record<FindingKind, Case>> = {
  "class-names": {
    break: (folder) => rm(folder.at("codes.txt")),
    places: ["codes.txt: codes.txt is missing in ROOT"],
    remedy: /one per line/,
  },
  split: {
    break: (folder) => writeFile(folder.at("valid.txt"), "nothing.png\n"),
    places: ['valid.txt: no line of valid.txt is the name of an image; the first is "nothing.png"'],
    remedy: /such as scene_000.png/,
  },
  "missing-mask": {
    break: (folder) => rm(folder.mask(2)),
    places: ["images/scene_002.png: neither labels/scene_002_P.png nor labels/scene_002.png exists"],
    remedy: /Add a mask/,
  },
  "extra-mask": {
    break: (folder) => cp(folder.mask(1), folder.at("labels/other.png")),
    places: ["labels/other.png"],
    remedy: /Add the images, or remove the masks/,
  },
  "shared-mask": {
    break: (folder) => sharp(folder.image(3)).jpeg().toFile(folder.at("images/scene_003.jpg")),
    places: ["images/scene_003.png ~ images/scene_003.jpg: has the name of images/scene_003.jpg"],
    remedy: /different names/,
  },
  "size-mismatch": {
    break: (folder) => writeGreyMask(folder.mask(1), scene(20, 24, 4, new Random(1)).mask),
    places: ["labels/scene_001_P.png: 20×24, but its image images/scene_001.png is 40×48"],
    remedy: /at its full size/,
  },
  "exif-mismatch": {
    break: async (folder) => {
      await folder.reimage(1, (image) => image.withMetadata({ orientation: 6 }));
      await writeGreyMask(folder.mask(1), scene(width, height, 4, new Random(1)).mask);
    },
    places: ["labels/scene_001_P.png: 48×40, but its image images/scene_001.png is 40×48"],
    remedy: /Turn the image's pixels/,
    also: ["exif-rotated"],
  },
  "unreadable-image": {
    break: async (folder) => {
      await writeFile(folder.image(0), "");
      await writeFile(folder.image(1), "no picture");
      await rm(folder.image(2));
      await symlink(folder.at("gone.png"), folder.image(2));
    },
    places: [
      "images/scene_000.png: it is empty",
      "images/scene_001.png: it is no picture of a known format",
      "images/scene_002.png: the file does not exist, or is a link to nothing",
    ],
    remedy: /Copy the file again/,
  },
  "truncated-image": {
    break: async (folder) => {
      await folder.reimage(1, (image) => image.jpeg({ quality: 95 }), "jpg");
      await last(folder.image(1, "jpg"), 500);
      await folder.enlarge(2);
      await last(folder.image(2), 9000);
    },
    places: ["images/scene_001.jpg", "images/scene_002.png"],
    remedy: /Copy the file again/,
  },
  "damaged-image": {
    break: async (folder) => {
      const bytes = await readFile(folder.image(1));
      bytes.fill(0, 2000, 2200);
      await writeFile(folder.image(1), bytes);
    },
    places: ["images/scene_001.png"],
    remedy: /Copy the file again/,
  },
  "doubtful-image": {
    break: async (folder) => {
      await folder.reimage(1, (image) => image.jpeg({ quality: 95 }), "jpg");
      const bytes = await readFile(folder.image(1, "jpg"));
      const [half, strayMarker] = [bytes.length / 2, Buffer.from([0xff, 0xd3])];
      const parts = [bytes.subarray(0, half), strayMarker, bytes.subarray(half)];
      await writeFile(folder.image(1, "jpg"), Buffer.concat(parts));
    },
    places: ["images/scene_001.jpg"],
    remedy: /Look at them/,
  },
  "unreadable-mask": {
    break: async (folder) => {
      await writeFile(folder.mask(0), "");
      await writeFile(folder.mask(1), "no picture");
    },
    places: ["labels/scene_000_P.png: it is empty", "labels/scene_001_P.png: it is no picture"],
    remedy: /remove it with its image/,
  },
  "truncated-mask": {
    break: (folder) => last(folder.mask(1), 40),
    places: ["labels/scene_001_P.png"],
    remedy: /remove it with its image/,
  },
  "damaged-mask": {
    break: async (folder) => {
      const bytes = await readFile(folder.mask(1));
      bytes[60]! ^= 0xff;
      await writeFile(folder.mask(1), bytes);
    },
    places: ["labels/scene_001_P.png: …"],
    remedy: /remove it with its image/,
  },
  "mask-format": {
    break: async (folder) => {
      const gif = await sharp(folder.mask(1)).gif().toBuffer();
      await rm(folder.mask(1));
      await writeFile(folder.mask(1, "gif"), gif);
      await writeFile(folder.mask(2), gif);
    },
    places: ["labels/scene_001_P.gif: it is gif, no PNG", "labels/scene_002_P.png: it is gif, no PNG"],
    remedy: /8-bit grey or palette PNG/,
  },
  "jpeg-mask": {
    break: async (folder) => {
      const jpeg = await sharp(folder.mask(1)).jpeg().toBuffer();
      await rm(folder.mask(1));
      await writeFile(folder.mask(1, "jpg"), jpeg);
      await writeFile(folder.mask(2), jpeg);
    },
    places: ["labels/scene_001_P.jpg", "labels/scene_002_P.png"],
    remedy: /from before they were JPEG/,
  },
  "lossy-mask": {
    break: async (folder) => {
      await folder.remask((id) => (id > 0 ? 255 : 0));
      await writeFile(folder.at("codes.txt"), "no\nyes\n");
      await writeFile(
        folder.mask(1),
        await sharp(folder.mask(1)).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
      );
    },
    masks: { div: true },
    places: ["labels/scene_001_P.png"],
    remedy: /PNG, which keeps them/,
  },
  "sixteen-bit-mask": {
    break: (folder) =>
      writeFile(
        folder.mask(1),
        encode({ data: new Uint16Array(height * width), height, width, depth: 16, channels: 1 }),
      ),
    places: ["labels/scene_001_P.png"],
    remedy: /8-bit grey or palette PNG/,
  },
  "colour-mask": {
    break: (folder) => cp(folder.image(3), folder.mask(3)),
    places: ["labels/scene_003_P.png: rgb"],
    remedy: /--mask-colours/,
  },
  "unlisted-colour": {
    break: async (folder) => {
      const colours = distinctColours(4);
      for (const i of [0, 1, 2, 3, 4, 5, 6]) {
        const data = Uint8Array.from([...folder.ids(i).data].flatMap((id) => [...colours[id]!]));
        if (i === 3) data.set([1, 2, 3], 3 * (width + 2));
        await writePicture(folder.mask(i), { data, height, width });
      }
    },
    masks: { colours: distinctColours(4) },
    places: ["labels/scene_003_P.png: the colour (1, 2, 3) at row 1, column 2, which stands for no class"],
    remedy: /Add the colour/,
  },
  "palette-mask": {
    break: (folder) =>
      writeFile(
        folder.mask(2),
        encode({ ...folder.ids(2), channels: 1, palette: distinctColours(4).map((colour) => [...colour]) }),
      ),
    places: ["labels/scene_002_P.png"],
    remedy: /Nothing to do, if they were made of ids/,
  },
  "rounded-mask": {
    break: async (folder) => {
      await writeFile(folder.at("codes.txt"), "no\nyes\n");
      await folder.remask((id, i) => (id === 0 ? 0 : id === 1 && i === 2 ? 200 : 255));
    },
    masks: { div: true },
    places: ["labels/scene_002_P.png"],
    remedy: /without smoothing/,
  },
  "ignore-value": {
    break: (folder) => folder.remask((id) => (id === 3 ? 255 : id)),
    places: ["labels/scene_00…"],
    remedy: /--ignore-index 255/,
  },
  "binary-values": {
    break: (folder) => folder.remask((id) => (id > 0 ? 255 : 0)),
    places: [0, 1, 2, 3, 4, 5, 6].map((i) => `labels/scene_00${i}_P.png: holds 255, but there are 4 classes (0–3)`),
    remedy: /--mask-div/,
    also: ["class-unused"],
  },
  "one-based-ids": {
    break: (folder) => folder.remask((id) => id + 1),
    places: ["labels/scene_00…"],
    remedy: /Subtract 1/,
    also: ["class-unused"],
  },
  "brightness-values": {
    break: (folder) => folder.remask((id) => [0, 38, 75, 113][id]!, [1]),
    places: ["labels/scene_001_P.png: holds 113, but there are 4 classes (0–3)"],
    remedy: /--mask-map/,
  },
  "ids-beyond-classes": {
    break: (folder) => writeFile(folder.at("codes.txt"), "sky\nroad\ncar\n"),
    places: ["labels/scene_00…"],
    remedy: /Add the missing names/,
  },
  "unlabelled-mask": {
    break: (folder) => folder.remask(() => 3, [1]),
    places: ["labels/scene_001_P.png"],
    remedy: /Label the picture, or remove it/,
  },
  "one-class": {
    break: (folder) => folder.remask(() => 1),
    places: ["road: class 1"],
    remedy: /those of these images/,
    also: ["class-unused"],
  },
  "class-untrained": {
    break: (folder) => folder.remask((id) => (id === 2 ? 1 : id), [0, 1, 2, 3]),
    places: ["car: class 2: in 3 masks of validation"],
    remedy: /to the training side/,
  },
  "class-unvalidated": {
    break: (folder) => folder.remask((id) => (id === 2 ? 1 : id), [4, 5, 6]),
    places: ["car: class 2: in 2 masks of training"],
    remedy: /to the validation side/,
  },
  "class-untested": {
    break: async (folder) => {
      await folder.remask((id) => (id === 2 ? 1 : id), [5, 6]);
      await folder.describe([3, 4], [5, 6]);
    },
    places: ["car: class 2: in 1 mask of training, in 2 masks of validation"],
    remedy: /to the test list/,
  },
  "class-unused": {
    break: (folder) => appendFile(folder.at("codes.txt"), "boat\n"),
    places: ["boat: class 4"],
    remedy: /unless masks are missing/,
  },
  "sixteen-bit-image": {
    break: (folder) => folder.reimage(2, (image) => image.toColourspace("rgb16").png()),
    places: ["images/scene_002.png: 16 bits per channel"],
    remedy: /8 bits/,
  },
  "cmyk-image": {
    break: (folder) => folder.reimage(2, (image) => image.toColourspace("cmyk").jpeg(), "jpg"),
    places: ["images/scene_002.jpg"],
    remedy: /Save them as RGB/,
  },
  "animated-image": {
    break: async (folder) => {
      const frames = await Promise.all([0, 1, 2].map((i) => readFile(folder.image(i))));
      const film = sharp(frames, { join: { animated: true } });
      await writeFile(folder.image(2, "gif"), await film.clone().gif().toBuffer());
      await writeFile(folder.image(3, "webp"), await film.clone().webp({ quality: 90 }).toBuffer());
      await Promise.all([2, 3].map((i) => rm(folder.image(i))));
    },
    places: ["images/scene_002.gif: 3 frames (gif)", "images/scene_003.webp: 3 frames (webp)"],
    remedy: /a picture of its own/,
  },
  "exif-rotated": {
    break: (folder) => folder.reimage(2, (image) => image.withMetadata({ orientation: 3 })),
    places: ["images/scene_002.png: orientation 3: turned by 180°"],
    remedy: /turn the pixels and remove the tag/,
  },
  "alpha-image": {
    break: (folder) => folder.reimage(2, (image) => image.ensureAlpha(0.5)),
    places: ["images/scene_002.png"],
    remedy: /behind transparent pixels/,
  },
  "duplicate-across": {
    break: async (folder) => {
      await cp(folder.image(1), folder.image(5));
      await cp(folder.mask(1), folder.mask(5));
    },
    places: [
      "images/scene_005.png ~ images/scene_001.png: validation picture, equal to training picture images/scene_001.png",
    ],
    remedy: /Remove one of the two/,
  },
  "duplicate-within": {
    break: async (folder) => {
      await cp(folder.image(1), folder.image(2));
      await cp(folder.mask(1), folder.mask(2));
    },
    places: ["images/scene_002.png ~ images/scene_001.png: training picture, equal to images/scene_001.png"],
    remedy: /Remove the copies/,
  },
  "near-duplicate": {
    break: async (folder) => {
      const smaller = await sharp(folder.image(1)).resize(44, 36).modulate({ brightness: 1.1 }).jpeg().toBuffer();
      await sharp(smaller).resize(width, height).png().toFile(folder.image(5));
      await cp(folder.mask(1), folder.mask(5));
    },
    places: [
      "images/scene_005.png ~ images/scene_001.png: validation picture, looks like training picture images/scene_001.png",
    ],
    remedy: /on one side/,
  },
  "different-masks": {
    break: (folder) => cp(folder.image(1), folder.image(2)),
    places: [
      "images/scene_002.png ~ images/scene_001.png: labels/scene_002_P.png, but labels/scene_001_P.png of images/scene_001.png differs",
    ],
    remedy: /which mask is right/,
    also: ["duplicate-within"],
  },
  "sequence-across": {
    break: (folder) => film(folder, [3, 4, 5, 11], false),
    places: [
      "images/drive_003.png ~ images/drive_002.png: sequence drive_ (0–19): 16 frames (0–19) are in the training list and 4 frames (3–11) are in the validation list; the nearest are 3 and 2",
    ],
    remedy: /whole sequences on one side/,
    also: ["valid-one-sequence"],
  },
  "valid-one-sequence": {
    break: (folder) =>
      film(
        folder,
        Array.from({ length: 20 }, (_, i) => i),
        true,
      ),
    places: ["images/drive_000.png ~ images/drive_019.png: 20 frames (0–19) of sequence drive_ (0–19)"],
    remedy: /several sequences that are not trained on/,
  },
  "test-one-sequence": {
    break: async (folder) => {
      await film(folder, [], false);
      await folder.describe([5, 6], [15, 16, 17], "drive");
    },
    places: ["images/drive_015.png ~ images/drive_017.png: 3 frames (15–17) of sequence drive_ (0–19)"],
    remedy: /several sequences that are not trained on/,
    also: ["sequence-across", "valid-one-sequence", "class-unvalidated"],
  },
  "mixed-sizes": {
    break: (folder) => folder.enlarge(2),
    places: ["images/scene_000.png: 40×48: 6 pictures", "images/scene_002.png: 120×144: 1 picture"],
    remedy: /--size/,
  },
  "odd-size": {
    break: async (folder) => {
      const { image, mask } = scene(40, 80, 4, new Random(9));
      await writePicture(folder.image(2), image);
      await writeGreyMask(folder.mask(2), mask);
    },
    places: ["images/scene_002.png: 40×80, most are 40×48"],
    remedy: /Cut them to the proportions/,
    also: ["mixed-sizes"],
  },
  "small-picture": {
    break: async (folder) => {
      const { image, mask } = scene(20, 24, 4, new Random(9));
      await writePicture(folder.image(2), image);
      await writeGreyMask(folder.mask(2), mask);
    },
    places: ["images/scene_002.png: 20×24"],
    remedy: /larger ones/,
    also: ["mixed-sizes"],
  },
};

/** All findings of a folder by kind. */
async function check(root: string, masks?: MaskOptions) {
  const described = join(root, "data.yaml");
  const data = (await stat(described).catch(() => null)) ? described : root;
  const { findings } = await examine(await openSource(data, { masks }), { workers: 0 });
  return new Map(findings.map((finding) => [finding.kind, finding]));
}

describe("a dataset check", () => {
  test("finds nothing wrong with a sound folder", async () => {
    expect([...(await check(await writeDataset(sound))).keys()]).toEqual([]);
  });

  test.each(Object.entries(cases) as [FindingKind, Case][])("finds %s", async (kind, each) => {
    const folder = new Folder(await writeDataset(sound));
    await each.break(folder);
    const findings = await check(folder.root, each.masks);
    const finding = findings.get(kind);
    const places = finding?.places.map(({ file, detail, other }) =>
      `${file}${other === undefined ? "" : ` ~ ${other}`}${detail === "" ? "" : `: ${detail}`}`.replace(
        folder.root,
        "ROOT",
      ),
    );
    const expected = each.places.map((place) =>
      place.endsWith("…") ? expect.stringContaining(place.slice(0, -1)) : place,
    );
    if (each.places[0]!.endsWith("00…")) expect(places).toEqual(expect.arrayContaining(expected));
    else expect(places).toEqual(expected);
    expect(finding).toMatchObject({ severity: findingRules[kind].severity, title: findingRules[kind].title });
    expect(finding!.remedy).toMatch(each.remedy);
    expect(new Set(findings.keys())).toEqual(new Set([kind, ...(each.also ?? [])]));
  });

  test("finds the cause of each mask by itself", async () => {
    const folder = new Folder(await writeDataset(sound));
    for (const [i, held] of [
      [0, 255],
      [0, 1, 2, 255],
      [1, 2, 3, 4],
      [0, 38, 75, 113],
      [0, 1, 2, 3, 4, 5],
    ].entries()) {
      const data = Uint8Array.from({ length: width * height }, (_, at) => held[at % held.length]!);
      await writeGreyMask(folder.mask(i), { data, height, width });
    }
    const found = await check(folder.root);
    expect([...found].map(([kind, { places }]) => `${kind} ${places.map(({ file }) => file).join(" ")}`)).toEqual([
      "binary-values labels/scene_000_P.png",
      "ignore-value labels/scene_001_P.png",
      "one-based-ids labels/scene_002_P.png",
      "brightness-values labels/scene_003_P.png",
      "ids-beyond-classes labels/scene_004_P.png",
    ]);
  });

  test("takes pictures of equal pixels for copies, whatever their files", async () => {
    const folder = new Folder(await writeDataset(sound));
    await sharp(folder.image(1)).webp({ lossless: true }).toFile(folder.image(5, "webp"));
    await rm(folder.image(5));
    await cp(folder.mask(1), folder.mask(5));
    await writeFile(folder.at("valid.txt"), "scene_004.png\nscene_005.webp\nscene_006.png\n");
    expect([...(await check(folder.root))].map(([kind, { places }]) => [kind, places[0]!.other])).toEqual([
      ["duplicate-across", "images/scene_001.png"],
    ]);
  });

  test("is quiet about an id to ignore", async () => {
    const folder = new Folder(await writeDataset(sound));
    await folder.remask((id) => (id === 2 ? 255 : id), [1]);
    expect([...(await check(folder.root, { ignoreIndex: 255 })).keys()]).toEqual([]);
  });

  test("does not take numbered pictures for a film", async () => {
    const root = await writeDataset({ ...sound, items: 40, valid: 10 });
    expect([...(await check(root)).keys()].filter((kind) => findingRules[kind].title.includes("sequence"))).toEqual([]);
  });
});

test("docs/data-check.md lists every finding", async () => {
  const text = await readFile(new URL("../docs/data-check.md", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^\| `([\w-]+)` +\| (\w+) +\| (.*?) +\|$/gm)].map(([, ...row]) => row);
  expect(listed).toEqual(Object.entries(findingRules).map(([kind, { severity, title }]) => [kind, severity, title]));
});

test("an empty temporary folder is no dataset", async () => {
  await expect(folderSource(await tempFolder())).rejects.toThrow(/has no folder images/);
});
