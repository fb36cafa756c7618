import { ConfigError } from "../util/errors.ts";
import { encodeUtf8 } from "../util/utf8.ts";
import type { Host } from "./host.ts";

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

  write: Host["write"] = async (path, content) => {
    const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    const chunks = pieces.map((piece) => (typeof piece === "string" ? encodeUtf8(piece) : piece));
    const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.files.set(path, whole);
  };

  append: Host["append"] = async (path, bytes) => this.write(path, [this.files.get(path) ?? "", bytes]);

  exists: Host["exists"] = async (path) => this.files.has(path);
  remove: Host["remove"] = async (path) => void this.files.delete(path);
  requireWritable: Host["requireWritable"] = async () => {};
}
