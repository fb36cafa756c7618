import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Header, Pax } from "tar";

/** An entry of an archive, well-behaved or not. */
export interface ArchiveEntry {
  readonly path: string;
  readonly body?: Uint8Array | string;
  /** "File" where left out. */
  readonly type?: string;
  readonly linkpath?: string;
  readonly mode?: number;
  /** The size that the header tells; that of the body where left out. */
  readonly size?: number;
  /** A path in an extended header before the entry, which replaces its own. */
  readonly pax?: string;
}

/** The bytes of a tar archive, with any headers one likes. */
export function tarOf(entries: readonly ArchiveEntry[], { end = true } = {}): Buffer {
  const blocks = entries.flatMap((entry) => [...paxOf(entry), ...blocksOf(entry)]);
  return Buffer.concat(end ? [...blocks, Buffer.alloc(1024)] : blocks);
}

/** The same through gzip. */
export function tgzOf(entries: readonly ArchiveEntry[]): Buffer {
  return gzipSync(tarOf(entries));
}

/** A folder as entries below `name`, as `tar -czf name.tgz name` would pack it. */
export async function folderEntries(folder: string, name: string): Promise<ArchiveEntry[]> {
  const found = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(
    found
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) =>
        entry.isDirectory()
          ? folderEntries(join(folder, entry.name), `${name}/${entry.name}`)
          : [{ path: `${name}/${entry.name}`, body: await readFile(join(folder, entry.name)) }],
      ),
  );
  return [{ path: `${name}/`, type: "Directory", mode: 0o755 }, ...below.flat()];
}

function blocksOf({ path, body = "", type = "File", linkpath, mode = 0o644, size }: ArchiveEntry): Buffer[] {
  const bytes = Buffer.from(body as Uint8Array);
  const header = new Header({
    ...{ path, mode, size: size ?? bytes.length, type: type as never, mtime: new Date(0), uid: 1, gid: 1 },
    ...(linkpath === undefined ? {} : { linkpath }),
  });
  const block = Buffer.alloc(512);
  header.encode(block, 0);
  return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

function paxOf({ pax }: ArchiveEntry): Buffer[] {
  return pax === undefined ? [] : [new Pax({ path: pax }).encode()];
}
