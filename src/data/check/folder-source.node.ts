import path from "node:path";
import { DataError } from "../../util/errors.ts";
import type { Picture } from "../dataset.ts";
import { type FolderPairs, pairFolder, readCodes, requireFolder, split, unusedMasks } from "../folder.node.ts";
import { withoutImageExtension } from "../image.ts";
import { type MaskOptions, maskTable, voidOf } from "../mask-options.ts";
import type { Found } from "./findings.ts";
import type { CheckedSource, NamedFile, Pair, Side } from "./pairs.ts";

/**
 * A dataset folder as `openFolder` reads it, where faults are gathered instead of thrown.
 * @throws DataError where there is no folder, or none of images or masks in it; ConfigError for mask options.
 */
export async function folderSource(folder: string, masks?: MaskOptions): Promise<CheckedSource> {
  const root = path.resolve(folder);
  await requireFolder(root, folder);
  maskTable(masks);
  const found: Found[] = [];
  const classes = await orFound(readCodes(root), found, "class-names", "codes.txt");
  const pairs = await pairFolder(root);
  found.push(...pairFaults(pairs));
  const pictures = picturesOf(root, pairs);
  const parts = await orFound(split(pictures, root), found, "split", "valid.txt");
  const { train, valid, notes } = parts ?? { train: pictures, valid: [], notes: [] };
  const sided = (side: Side, list: readonly Picture[]): Pair[] => list.map((each) => pairOf(root, side, each));
  return {
    name: folder,
    classes,
    voidIndex: classes && voidOf(classes, masks),
    ...(masks ? { masks } : {}),
    pairs: [...sided("train", train), ...sided("valid", valid)],
    found,
    notes,
  };
}

/** The value, or null where a DataError says that there is none: that becomes a finding. */
export async function orFound<T>(
  value: Promise<T>,
  found: Found[],
  kind: Found["kind"],
  file: string,
): Promise<T | null> {
  try {
    return await value;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const detail = error.message.replace(/^data: /, "");
    found.push({ kind, file, detail, ...(error.hint === undefined ? {} : { remedy: error.hint }) });
    return null;
  }
}

/** What is wrong with the names of files. */
function pairFaults(pairs: FolderPairs): Found[] {
  const { imageFolder, maskFolder, missing, twins, otherKind } = pairs;
  const bare = missing.filter((image) => !otherKind.has(image));
  return [
    ...bare.map((image): Found => {
      const id = withoutImageExtension(image);
      const detail = `neither ${maskFolder}/${id}_P.png nor ${maskFolder}/${id}.png exists`;
      return { kind: "missing-mask", file: `${imageFolder}/${image}`, detail };
    }),
    ...twins.map(([first, other]): Found => ({
      kind: "shared-mask",
      file: `${imageFolder}/${other}`,
      other: `${imageFolder}/${first}`,
      detail: `has the name of ${imageFolder}/${first}`,
    })),
    ...unusedMasks(pairs).map((mask): Found => ({ kind: "extra-mask", file: `${maskFolder}/${mask}`, detail: "" })),
  ];
}

/** All pictures, those without a mask too, in the order of their names. */
function picturesOf(root: string, { items, missing, otherKind, imageFolder, maskFolder }: FolderPairs): Picture[] {
  const image = (name: string): string => path.join(root, imageFolder, name);
  const mask = (name: string | undefined): Pick<Picture, "mask"> =>
    name === undefined ? {} : { mask: path.join(root, maskFolder, name) };
  const pictures = [
    ...items.map((each) => ({ id: each.id, image: image(each.image), ...mask(each.mask) })),
    ...missing.map((each) => ({
      id: withoutImageExtension(each),
      image: image(each),
      ...mask(otherKind.get(each)),
    })),
  ];
  return missing.length === 0 ? pictures : pictures.toSorted((a, b) => (a.image < b.image ? -1 : 1));
}

/** Files as reports call them. */
export function namedBelow(root: string, file: string): NamedFile {
  return { path: file, name: path.relative(root, file).replaceAll(path.sep, "/") };
}

function pairOf(root: string, side: Side, { image, mask }: Picture): Pair {
  return { side, image: namedBelow(root, image), mask: mask === undefined ? null : namedBelow(root, mask) };
}
