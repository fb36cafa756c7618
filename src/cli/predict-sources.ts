import { readdir, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { hasImageExtension } from "../data/image.ts";
import { hasVideoExtension } from "../data/video.node.ts";
import { DataError } from "../util/errors.ts";

/** A picture or a video that a word of a command line stands for. */
export interface PredictSource {
  /** The file. */
  readonly file: string;
  /** Its path below what the word names, with forward slashes: its name for a file or a folder. */
  readonly path: string;
  readonly video: boolean;
}

const hint = "Give pictures, folders of pictures, videos, or patterns such as 'pictures/**/*.jpg'.";

/**
 * The pictures and videos that words stand for, each file once: files, the pictures of folders by their names, and what
 * patterns match. What lies in the folder `out` is none of them for a pattern. Throws a DataError for a word that stands
 * for none.
 */
export async function sourcesOf(words: readonly string[], out: string): Promise<PredictSource[]> {
  const found = (await Promise.all(words.map((word) => sourcesIn(word, out)))).flat();
  const byFile = new Map<string, PredictSource>();
  for (const source of found) if (!byFile.has(resolve(source.file))) byFile.set(resolve(source.file), source);
  return [...byFile.values()];
}

async function sourcesIn(word: string, out: string): Promise<PredictSource[]> {
  const there = await stat(word).catch(() => null);
  if (there && !there.isDirectory()) return [{ file: word, path: basename(word), video: hasVideoExtension(word) }];
  if (there) {
    const names = (await readdir(word)).filter((name) => hasImageExtension(name) && !name.startsWith("."));
    if (names.length === 0) throw new DataError(`predict: folder ${word} holds no pictures`, { hint });
    return names.toSorted().map((name) => ({ file: join(word, name), path: name, video: false }));
  }
  const pattern = sep === "\\" ? word.replaceAll("\\", "/") : word;
  if (!isDynamicPattern(pattern)) throw new DataError(`predict: ${word} does not exist`, { hint });
  const sources = await matches(pattern, resolve(out));
  if (sources.length === 0) throw new DataError(`predict: ${word} matches no pictures`, { hint });
  return sources;
}

/** What a pattern matches, by path; the folder that the paths begin in is the part of it without wildcards. */
async function matches(pattern: string, out: string): Promise<PredictSource[]> {
  const steps = pattern.split("/");
  const first = Math.max(
    steps.findIndex((step) => /[*?[\]{}()!]/.test(step)),
    0,
  );
  const folder = steps.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : "");
  const paths = await glob(steps.slice(first).join("/"), { cwd: folder || ".", expandDirectories: false });
  return paths
    .filter((path) => hasImageExtension(path) || hasVideoExtension(path))
    .map((path) => ({ file: join(folder, path), path, video: hasVideoExtension(path) }))
    .filter(({ file }) => !isBelow(out, resolve(file)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
