import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { afterAll } from "vitest";
import { writeMask } from "../../src/data/encode.node.ts";
import type { IdMask, RgbImage } from "../../src/data/image.ts";
import { distinctColours } from "../../src/data/palette.ts";
import { Random } from "../../src/util/random.ts";

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed after the test file. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "segkit-"));
  folders.push(folder);
  return folder;
}

export interface TinyDataset {
  /** Number of images; 6 where left out. */
  readonly items?: number;
  /** How many of them, the last ones, are in valid.txt; 2 where left out, null for no valid.txt. */
  readonly valid?: number | null;
  /** 24 × 32 where left out. */
  readonly height?: number;
  readonly width?: number;
  /** sky, road, car and void where left out. */
  readonly classes?: readonly string[];
  /** Kind of mask; "grey" where left out. */
  readonly masks?: "grey" | "palette";
  /** Kind of image; "png" where left out. */
  readonly images?: "png" | "jpg";
  readonly seed?: number;
}

/**
 * Writes a dataset folder in fastai's layout whose images can be learned: rectangles in the colour of their class, with
 * noise, on a background of class 0.
 * @returns the folder.
 */
export async function writeDataset(options: TinyDataset = {}): Promise<string> {
  const { items = 6, valid = 2, masks = "grey", images = "png", seed = 1 } = options;
  const { height = 24, width = 32, classes = ["sky", "road", "car", "void"] } = options;
  const root = await tempFolder();
  const names = Array.from({ length: items }, (_, i) => `scene_${String(i).padStart(3, "0")}`);
  await mkdir(path.join(root, "images"));
  await mkdir(path.join(root, "labels"));
  for (const [i, name] of names.entries()) {
    const { image, mask } = scene(height, width, classes.length, new Random(seed).split(i));
    await writePicture(path.join(root, "images", `${name}.${images}`), image);
    const file = path.join(root, "labels", `${name}_P.png`);
    await (masks === "grey" ? writeGreyMask(file, mask) : writeMask(file, mask, distinctColours(classes.length)));
  }
  await writeFile(path.join(root, "codes.txt"), `${classes.join("\n")}\n`);
  if (valid !== null) {
    const listed = names.slice(items - valid).map((name) => `${name}.${images}\n`);
    await writeFile(path.join(root, "valid.txt"), listed.join(""));
  }
  return root;
}

/** A picture and its mask: four rectangles of random classes over class 0. */
export function scene(
  height: number,
  width: number,
  classes: number,
  random: Random,
): { image: RgbImage; mask: IdMask } {
  const ids = new Uint8Array(height * width);
  for (let r = 0; r < 4; r++) {
    const id = random.integer(classes);
    const top = random.integer(height);
    const left = random.integer(width);
    const bottom = Math.min(height, top + 4 + random.integer(Math.ceil(height / 2)));
    const right = Math.min(width, left + 4 + random.integer(Math.ceil(width / 2)));
    for (let y = top; y < bottom; y++) ids.fill(id, y * width + left, y * width + right);
  }
  const colours = distinctColours(classes);
  const data = new Uint8Array(ids.length * 3);
  for (const [i, id] of ids.entries()) {
    for (let c = 0; c < 3; c++)
      data[3 * i + c] = Math.min(Math.max(colours[id]![c]! + random.between(-20, 20), 0), 255);
  }
  return { image: { data, height, width }, mask: { data: ids, height, width } };
}

/** Writes an image in the format its extension names. */
export async function writePicture(file: string, { data, height, width }: RgbImage): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
}

/** Writes a mask as an 8-bit grey PNG. */
export async function writeGreyMask(file: string, mask: IdMask): Promise<void> {
  await writeFile(file, encode({ ...mask, channels: 1 }));
}
