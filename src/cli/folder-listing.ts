import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What is left of a file that was being written when its writer was killed. */
const leftover = /\.[0-9a-f]{8}\.tmp$/;

interface Listed {
  readonly files: ReadonlySet<string>;
  /** By the names of the files that they were to be. */
  readonly leftovers: ReadonlyMap<string, readonly string[]>;
}

/** The files below a folder, as they were when each folder was first asked about. */
export class FolderListing {
  readonly #root: string;
  readonly #folders = new Map<string, Promise<Listed>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether a file is there. What is left of one that was being written is removed. */
  async has(file: string): Promise<boolean> {
    const name = basename(file);
    const { files, leftovers } = await this.#listed(dirname(file));
    for (const left of leftovers.get(name) ?? []) await rm(join(this.#root, dirname(file), left), { force: true });
    return files.has(name);
  }

  /** The names of what is in a folder. */
  async namesIn(folder: string): Promise<ReadonlySet<string>> {
    return (await this.#listed(folder)).files;
  }

  #listed(folder: string): Promise<Listed> {
    const known = this.#folders.get(folder);
    if (known) return known;
    const listed = readdir(join(this.#root, folder)).then(sorted, () => sorted([]));
    this.#folders.set(folder, listed);
    return listed;
  }
}

function sorted(names: readonly string[]): Listed {
  const leftovers = new Map<string, string[]>();
  for (const name of names) {
    if (!leftover.test(name)) continue;
    const file = name.replace(leftover, "");
    leftovers.set(file, [...(leftovers.get(file) ?? []), name]);
  }
  return { files: new Set(names), leftovers };
}
