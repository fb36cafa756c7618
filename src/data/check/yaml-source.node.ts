import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { CorruptFileError, DataError, messageOf } from "../../util/errors.ts";
import { parseYaml } from "../../util/parse-yaml.ts";
import { readText, textLimits } from "../../util/read-bounded.node.ts";
import { maxClasses, requireNames } from "../codes.ts";
import { withoutImageExtension } from "../image.ts";
import { listImageFiles } from "../image-files.node.ts";
import { type MaskOptions, maskTable, voidOf } from "../mask-options.ts";
import { Fence } from "./fence.node.ts";
import type { Found } from "./findings.ts";
import { namedBelow, orFound } from "./folder-source.node.ts";
import type { CheckedSource, NamedFile, Pair, Side } from "./pairs.ts";

const list = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const schema = z.looseObject({
  path: z.string().min(1).optional(),
  train: list,
  val: list,
  test: list.nullish(),
  masks: z.string().min(1).optional(),
  names: z.union([z.array(z.string()), z.record(z.string().regex(/^\d+$/), z.string())]),
});
type Description = z.infer<typeof schema>;

const layout =
  "It holds train and val (folders of images, or .txt files with a path a line), names, and if wanted path, test and masks.";

/** How a description is read. */
export interface YamlOptions {
  /** How pixels of the masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions | undefined;
  /** Whether it may name folders outside its own; false where left out. */
  readonly allowOutside?: boolean | undefined;
}

/**
 * A dataset that a data.yaml describes: `train`, `val` and `test` name folders of images or lists of them below `path`
 * (the file's own folder where left out), `names` the classes. An image's mask lies where its path has `masks`
 * ("masks", or else "labels", where left out) in the place of "images".
 * @throws DataError for a file that is no such description or names folders that do not exist; CorruptFileError for what is
 * no YAML and for names that lead out of its folder.
 */
export async function yamlSource(
  file: string,
  { masks, allowOutside = false }: YamlOptions = {},
): Promise<CheckedSource> {
  const description = await readDescription(file);
  maskTable(masks);
  const root = path.resolve(path.dirname(file), description.path ?? ".");
  const fence = allowOutside ? null : new Fence(file);
  await fence?.require(root);
  const found: Found[] = [];
  const classes = await orFound(classesOf(description, file), found, "class-names", path.basename(file));
  const lists = { train: description.train, valid: description.val, test: description.test ?? [] };
  const maskFolder = description.masks ?? (existsSync(path.join(root, "masks")) ? "masks" : "labels");
  const pairs: Pair[] = [];
  for (const [side, given] of Object.entries(lists) as [Side, Description["train"]][])
    for (const image of await imagesOf(root, [given].flat(), file, fence)) {
      const mask = maskOf(root, image, maskFolder, found);
      for (const each of [image, mask?.path]) if (each !== undefined) await fence?.require(path.dirname(each));
      pairs.push({ side, image: namedBelow(root, image), mask });
    }
  for (const side of ["train", "valid"] as const)
    if (!pairs.some((pair) => pair.side === side))
      found.push({ kind: "split", file: path.basename(file), detail: `no image is named for ${side}` });
  return {
    name: file,
    ...{ classes, pairs, found },
    voidIndex: classes && voidOf(classes, masks),
    ...(masks ? { masks } : {}),
    notes: [],
  };
}

async function readDescription(file: string): Promise<Description> {
  const reason = (what: string): string => `data: ${file} describes no dataset: ${what}`;
  let value: unknown;
  try {
    value = parseYaml(await readText(file));
  } catch (error) {
    throw new CorruptFileError(reason(messageOf(error)), { hint: layout, cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(reason(`${issue?.path.join(".") || "the top"}: ${issue?.message}`), { hint: layout });
}

/** The names in the order of their ids. */
async function classesOf({ names }: Description, file: string): Promise<string[]> {
  const list = Array.isArray(names) ? names : byId(names);
  requireNames(list, path.basename(file));
  return list;
}

function byId(names: Readonly<Record<string, string>>): string[] {
  const last = Math.max(...Object.keys(names).map(Number));
  if (last >= maxClasses) throw new DataError(`data: names has the id ${last}, but a mask can hold ${maxClasses} ids`);
  return Array.from({ length: last + 1 }, (_, id) => names[id] ?? "");
}

async function imagesOf(
  root: string,
  entries: readonly string[],
  file: string,
  fence: Fence | null,
): Promise<string[]> {
  const images: string[] = [];
  for (const entry of entries) {
    const at = path.resolve(root, entry);
    await fence?.require(at);
    const kind = await stat(at).catch(() => null);
    if (kind?.isDirectory()) for (const each of await listImageFiles(at)) images.push(path.join(at, each));
    else if (kind && /\.txt$/i.test(at)) {
      const text = await readText(at, textLimits.listed);
      const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
      for (const line of lines) images.push(path.resolve(root, line.trim()));
    } else {
      throw new DataError(`data: ${file} names ${entry}, which is no folder and no .txt file below ${root}`, {
        hint: layout,
      });
    }
  }
  return images;
}

const maskExtensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"];

/** The mask of an image: its path with the mask folder in the place of "images"; null, and a finding, where there is none. */
function maskOf(root: string, image: string, maskFolder: string, found: Found[]): NamedFile | null {
  const { name } = namedBelow(root, image);
  const parts = withoutImageExtension(name).split("/");
  const at = parts.lastIndexOf("images");
  const id = (at < 0 ? [maskFolder, ...parts] : [...parts.slice(0, at), maskFolder, ...parts.slice(at + 1)]).join("/");
  const mask = [`${id}_P`, id]
    .flatMap((each) => maskExtensions.map((extension) => path.join(root, each + extension)))
    .find((each) => existsSync(each));
  if (mask !== undefined) return namedBelow(root, mask);
  found.push({ kind: "missing-mask", file: name, detail: `neither ${id}_P.png nor ${id}.png exists` });
  return null;
}
