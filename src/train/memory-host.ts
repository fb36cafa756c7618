import { ConfigError } from "../util/errors.ts";
import { bytesOf, type Host } from "./host.ts";

/**
 * Files that are kept in memory only: for a page without a disk, and for tests.
 * @example const host = new MemoryHost();
 */
export class MemoryHost implements Host {
  /** The files by their paths. */
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  read: Host["read"] = async (path) => {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new ConfigError(`${path}: cannot be read: there is no such file`);
    return bytes.slice();
  };

  write: Host["write"] = async (path, content) => void this.files.set(path, bytesOf(content));

  append: Host["append"] = async (path, bytes) => this.write(path, [this.files.get(path) ?? "", bytes]);

  exists: Host["exists"] = async (path) => this.files.has(path);
  remove: Host["remove"] = async (path) => void this.files.delete(path);
  requireWritable: Host["requireWritable"] = async () => {};
}
