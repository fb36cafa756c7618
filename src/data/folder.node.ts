import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DataError, messageOf, SegkitError } from "../util/errors.ts";
import { readText, textLimits } from "../util/read-bounded.node.ts";
import { parseCodes } from "./codes.ts";
import type { DatasetLists } from "./dataset-lists.ts";
import type { Item, Picture, SegmentationDataset } from "./dataset.ts";
import { hasImageExtension, imageExtensions, withoutImageExtension } from "./image.ts";
import { maskTable, voidOf } from "./mask-options.ts";
import type { MaskOptions } from "./mask-options.ts";
import { paletteFor } from "./palette.ts";
import { splitByNames, splitRandomly } from "./split.ts";
import type { SplitItems } from "./split.ts";

export interface FolderOptions {
  /** The file that names the validation images, in the folder; "valid.txt" where left out. */
  readonly validFile?: string;
  /** Seeds the random split of a folder without such a file; 0 where left out. */
  readonly splitSeed?: number;
  /** The share of images, between 0 and 1, that this split makes the validation list; 0.2 where left out. */
  readonly validPct?: number;
  /** The subfolder of the images; "images" where left out. */
  readonly images?: string;
  /** The subfolder of the masks; "labels", or else "masks", where left out. */
  readonly labels?: string;
  /** How pixels of the masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions;
  /** The pictures and masks, which are not looked for then: whether they are there is found out when they are read. */
  readonly lists?: DatasetLists | undefined;
}

const layout = "A dataset holds images/, labels/ (or masks/), codes.txt and, if wanted, valid.txt.";

/**
 * Opens a dataset folder in fastai's CamVid layout: `images/`, `labels/` with a mask `<name>_P.png` or `<name>.png` for
 * every image, `codes.txt` with the class names and `valid.txt` with the names of the validation images. Without
 * `valid.txt` a seeded random share is the validation list. Subfolders are read too, names that begin with a dot not.
 * @throws DataError with a remedy for whatever of this is missing or contradictory.
 * @example const dataset = await openFolder("data/camvid", { validPct: 0.2, splitSeed: 42 });
 */
export async function openFolder(folder: string, options: FolderOptions = {}): Promise<SegmentationDataset> {
  const root = path.resolve(folder);
  await requireFolder(root, folder);
  const classes = await readCodes(root);
  const { train, valid, notes } = options.lists ? below(root, options.lists) : await listed(root, options);
  const { masks } = options;
  maskTable(masks);
  const voidIndex = voidOf(classes, masks);
  const palette = paletteFor(classes, voidIndex);
  return {
    root,
    classes,
    ...{ train, valid, voidIndex, palette },
    ...(masks ? { masks } : {}),
    notes,
  };
}

type Listed = Pick<SegmentationDataset, "train" | "valid" | "notes">;

function below(root: string, { train, valid }: DatasetLists): Listed {
  const at = ({ id, image, mask }: Item): Item => ({ id, image: path.join(root, image), mask: path.join(root, mask) });
  return { train: train.map(at), valid: valid.map(at), notes: [] };
}

/** The pictures of a folder with their masks, split. */
async function listed(root: string, options: FolderOptions): Promise<Listed> {
  const { imageFolder, maskFolder, ...pairs } = await pairFolder(root, options);
  const [twins] = pairs.twins;
  if (twins) {
    throw new DataError(`data: images ${twins.join(" and ")} would share one mask`, {
      hint: "Remove one of them, or give them different names.",
    });
  }
  if (pairs.missing.length > 0) throw withoutMask(pairs, imageFolder, maskFolder);
  const items = pairs.items.map(({ id, image, mask }): Item => ({
    id,
    image: path.join(root, imageFolder, image),
    mask: path.join(root, maskFolder, mask),
  }));
  const { notes, ...lists } = await split(items, root, options);
  return { ...lists, notes: [...unusedNote(pairs, maskFolder), ...notes] };
}

/** Images and masks of a folder matched by name, whatever is wrong with them. Throws a DataError where there are none. */
export async function pairFolder(
  root: string,
  options: Pick<FolderOptions, "images" | "labels"> = {},
): Promise<FolderPairs> {
  const imageFolder = options.images ?? "images";
  const maskFolder = options.labels ?? (await maskFolderOf(root));
  const pairs = pairWithMasks(await listImages(root, imageFolder), await listFiles(root, maskFolder));
  return { ...pairs, imageFolder, maskFolder };
}

/** Throws a DataError unless the folder exists. */
export async function requireFolder(root: string, given: string): Promise<void> {
  const found = await stat(root).catch(() => null);
  if (found?.isDirectory()) return;
  const problem = found === null ? `folder ${given} does not exist` : `${given} is a file, but a folder was expected`;
  throw new DataError(`data: ${problem}`, { hint: layout });
}

/** The class names of a folder. Throws a DataError for those that are missing or contradictory. */
export async function readCodes(root: string): Promise<string[]> {
  const text = await textOf(path.join(root, "codes.txt"), textLimits.described);
  if (text !== null) return parseCodes(text);
  throw new DataError(`data: codes.txt is missing in ${root}`, {
    hint: "Write the class names into it, one per line; the first line names id 0 of the masks.",
  });
}

async function maskFolderOf(root: string): Promise<string> {
  const entries = await readdir(root);
  return !entries.includes("labels") && entries.includes("masks") ? "masks" : "labels";
}

async function listImages(root: string, folder: string): Promise<string[]> {
  const files = await listFiles(root, folder);
  const images = files.filter(hasImageExtension);
  if (images.length > 0) return images;
  const found = [...new Set(files.map((file) => path.posix.extname(file) || file))].slice(0, 5);
  throw new DataError(`data: ${folder}/ holds no images`, {
    hint: `Images end in ${imageExtensions.join(", ")}; found: ${found.join(", ") || "nothing"}.`,
  });
}

/** All files below a subfolder: sorted paths relative to it, with forward slashes. */
async function listFiles(root: string, folder: string): Promise<string[]> {
  const top = path.join(root, folder);
  const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) {
    const found = (await readdir(root)).filter((name) => !name.startsWith(".")).toSorted();
    throw new DataError(`data: ${root} has no folder ${folder}/`, {
      hint: `${layout} Found: ${found.slice(0, 8).join(", ")}.`,
    });
  }
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(top, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .filter((file) => !file.split("/").some((part) => part.startsWith(".")))
    .toSorted();
}

/** Images and masks matched by name, as paths relative to their folders. */
interface Pairs {
  readonly items: readonly Item[];
  /** Images without a mask. */
  readonly missing: readonly string[];
  /** Images without a mask that have a picture of its name among the masks which is no PNG, and that picture. */
  readonly otherKind: ReadonlyMap<string, string>;
  /** Images of one name but for the extension: the one in `items` or `missing`, and another, which is in neither. */
  readonly twins: readonly (readonly [string, string])[];
  readonly images: readonly string[];
  readonly masks: readonly string[];
}

export interface FolderPairs extends Pairs {
  readonly imageFolder: string;
  readonly maskFolder: string;
}

function pairWithMasks(images: readonly string[], masks: readonly string[]): Pairs {
  const maskOf = new Map(masks.filter(isPng).map((mask) => [withoutImageExtension(mask), mask]));
  const imageOf = new Map<string, string>();
  const items: Item[] = [];
  const missing: string[] = [];
  const twins: [string, string][] = [];
  for (const image of images) {
    const id = withoutImageExtension(image);
    const twin = imageOf.get(id);
    if (twin !== undefined) {
      twins.push([twin, image]);
      continue;
    }
    imageOf.set(id, image);
    const mask = maskOf.get(`${id}_P`) ?? maskOf.get(id);
    if (mask === undefined) missing.push(image);
    else items.push({ id, image, mask });
  }
  const other = new Map(masks.filter((mask) => !isPng(mask)).map((mask) => [withoutImageExtension(mask), mask]));
  const otherKind = new Map(
    missing.flatMap((image) => {
      const id = withoutImageExtension(image);
      const mask = other.get(`${id}_P`) ?? other.get(id);
      return mask === undefined ? [] : [[image, mask] as const];
    }),
  );
  return { items, missing, otherKind, twins, images, masks };
}

function withoutMask({ missing, images, otherKind }: Pairs, imageFolder: string, maskFolder: string): DataError {
  const first = missing[0]!;
  const id = withoutImageExtension(first);
  const other = otherKind.get(first);
  const hint =
    other === undefined
      ? `Add ${maskFolder}/${id}_P.png (or ${maskFolder}/${id}.png), or remove the image.`
      : `${maskFolder}/${other} is no PNG: save masks as 8-bit grey or palette PNG (JPEG changes the ids).`;
  const all = missing.length === 1 ? "" : ` (${missing.length} of ${images.length} images have none)`;
  return new DataError(`data: image ${imageFolder}/${first} has no mask${all}`, { hint });
}

/** The masks that belong to no image. */
export function unusedMasks({ items, masks }: Pick<Pairs, "items" | "masks">): string[] {
  const used = new Set(items.map((item) => item.mask));
  return masks.filter((mask) => isPng(mask) && !used.has(mask));
}

function unusedNote(pairs: Pairs, maskFolder: string): string[] {
  const unused = unusedMasks(pairs);
  return unused.length === 0 ? [] : [`masks without an image: ${unused.length}, such as ${maskFolder}/${unused[0]}`];
}

/** Parts pictures as valid.txt or a random choice says. Throws a DataError where that cannot be. */
export async function split<T extends Picture>(
  items: readonly T[],
  root: string,
  options: Pick<FolderOptions, "validFile" | "splitSeed" | "validPct"> = {},
): Promise<SplitItems<T>> {
  const { validFile = "valid.txt", splitSeed = 0, validPct = 0.2 } = options;
  const text = await textOf(path.join(root, validFile), textLimits.listed);
  if (text !== null) return splitByNames(items, text, validFile);
  if (options.validFile === undefined) return splitRandomly(items, validPct, splitSeed);
  throw new DataError(`data: ${validFile} is missing in ${root}`, {
    hint: "Write the file names of the validation images into it, one per line.",
  });
}

/** A file's text, or null if there is none. Throws a DataError if it cannot be read, a CorruptFileError if it is no text. */
async function textOf(file: string, most: number): Promise<string | null> {
  return readText(file, most).catch((error: unknown) => {
    if (error instanceof SegkitError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new DataError(`data: ${file} cannot be read (${code ?? messageOf(error)})`, { cause: error });
  });
}

function isPng(file: string): boolean {
  return file.toLowerCase().endsWith(".png");
}
