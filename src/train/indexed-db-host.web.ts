import { createStore, del, get, set, update, type UseStore } from "idb-keyval";
import { ConfigError, messageOf, ResourceError } from "../util/errors.ts";
import { bytesOf, type Host } from "./host.ts";

/**
 * Files that a browser keeps for the page's address, in IndexedDB: they are there again after a reload. Each is written
 * whole or not at all.
 * @example
 * const host = new IndexedDbHost("trainings");
 * await host.write("run.ckpt", encodeCheckpoint(await learner.checkpoint()));
 */
export class IndexedDbHost implements Host {
  readonly #store: UseStore;

  /** @param name tells the files of one purpose from those of another, on one address. */
  constructor(name = "segkit") {
    this.#store = createStore(name, "files");
  }

  read: Host["read"] = async (path) => {
    const bytes = await get<Uint8Array<ArrayBuffer>>(path, this.#store).catch((error: unknown) => {
      throw new ConfigError(`${path}: cannot be read: ${messageOf(error)}`, { cause: error });
    });
    if (bytes === undefined) throw new ConfigError(`${path}: cannot be read: there is no such file`);
    return bytes;
  };

  write: Host["write"] = (path, content) => writing(path, set(path, bytesOf(content), this.#store));

  append: Host["append"] = (path, bytes) => {
    const longer = (there: Uint8Array | undefined): Uint8Array => bytesOf(there ? [there, bytes] : bytes);
    return writing(path, update(path, longer, this.#store));
  };

  exists: Host["exists"] = async (path) => (await get(path, this.#store)) !== undefined;

  remove: Host["remove"] = (path) => del(path, this.#store);

  requireWritable: Host["requireWritable"] = async (folder) => {
    const probe = `${folder}/.probe`;
    await writing(folder, set(probe, new Uint8Array(1), this.#store));
    await del(probe, this.#store);
  };
}

async function writing(path: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw new ResourceError(`${path}: the browser does not keep it: ${messageOf(error)}`, {
      hint: "Free space in the browser's storage, leave private browsing, or save the file elsewhere.",
      cause: error,
    });
  }
}
