import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DataError, messageOf } from "../util/errors.ts";
import { imageExtensions } from "./image.ts";

export interface FileOptions {
  /** Endings of the files, in any case; those of pictures where left out, null for any. */
  readonly extensions?: readonly string[] | null;
  /** Whether subfolders are read too; true where left out. Links to folders are not followed. */
  readonly recurse?: boolean;
  /** Subfolders right below the folder to read, and no others. */
  readonly include?: readonly string[];
  /** Subfolders right below the folder to leave out. */
  readonly exclude?: readonly string[];
  /** Sorts as fastai does: by the path with its slashes read as dots. */
  readonly presort?: boolean;
}

/**
 * The files below a folder: paths relative to it, with forward slashes, sorted. Names that begin with a dot are skipped
 * (unless `include` names such a folder).
 * @throws DataError if the folder cannot be read or is none.
 * @see fastai-spec §2.1
 */
export async function listImageFiles(folder: string, options: FileOptions = {}): Promise<string[]> {
  const { extensions = imageExtensions, recurse = true, include, exclude, presort = false } = options;
  await requireFolder(folder);
  const endings = extensions?.map((extension) => `.${extension.toLowerCase().replace(/^\./, "")}`);
  const enters = (name: string, below: string): boolean => {
    if (!recurse) return false;
    if (below === "" && include) return include.includes(name);
    if (below === "" && exclude) return !exclude.includes(name);
    return !name.startsWith(".");
  };
  const found: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
      const file = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (enters(entry.name, below)) await walk(file);
      } else if (!entry.name.startsWith(".") && (endings?.some((end) => file.toLowerCase().endsWith(end)) ?? true)) {
        found.push(file);
      }
    }
  };
  await walk("");
  const key = (file: string): string => (presort ? file.replaceAll("/", ".") : file);
  return found.toSorted((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
}

/**
 * Paths of the pictures in a folder, sorted: fastai's get_image_files.
 * @param options `recurse` reads subfolders too (default false), `checkExt: false` takes files of every kind.
 * @throws DataError if the folder cannot be read or is none.
 * @see fastai-spec §2.1
 * @example const files = await getImageFiles("data/camvid/images");
 */
export async function getImageFiles(
  folder: string,
  { recurse = false, checkExt = true }: { readonly recurse?: boolean; readonly checkExt?: boolean } = {},
): Promise<string[]> {
  const files = await listImageFiles(folder, { recurse, ...(checkExt ? {} : { extensions: null }) });
  return files.map((file) => path.join(folder, file));
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new DataError(`data: ${folder} cannot be read: ${messageOf(error)}`, {
      hint: "Check the path.",
      cause: error,
    });
  });
  if (!found.isDirectory())
    throw new DataError(`data: ${folder} is a file, but a folder was expected`, {
      hint: "Name the folder the pictures are in.",
    });
}
