import { readdir, realpath, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { hasImageExtension } from "../data/image.ts";
import { ConfigError, DataError } from "../util/errors.ts";

/** A picture, and the files that its prediction is written to. */
export interface Prediction {
  readonly image: string;
  readonly mask: string;
  readonly overlay: string;
}

/**
 * What predicting the pictures that the words of a command line stand for writes into a folder. Throws a DataError for
 * words that stand for none, a ConfigError where a file would be written twice or over a picture.
 */
export async function predictionsFor(sources: readonly string[], out: string): Promise<Prediction[]> {
  const images = (await Promise.all(sources.map(picturesIn))).flat();
  const stems = countOf(images.map(stem));
  const predictions = images.map((image): Prediction => {
    // Two pictures that differ only in their extension keep it.
    const name = (stems.get(stem(image)) ?? 0) > 1 ? basename(image).replace(/\.(?=[^.]*$)/, "_") : stem(image);
    return { image, mask: join(out, `${name}.png`), overlay: join(out, `${name}_overlay.png`) };
  });
  requireDistinct(predictions);
  await requireNoPicture(predictions, out);
  return predictions;
}

/** The pictures a word stands for: itself, or those of a folder in the order of their names. */
async function picturesIn(source: string): Promise<string[]> {
  const hint = "Give pictures or folders of pictures.";
  const found = await stat(source).catch(() => null);
  if (!found) throw new DataError(`predict: ${source} does not exist`, { hint });
  if (!found.isDirectory()) return [source];
  const files = (await readdir(source)).filter((name) => hasImageExtension(name) && !name.startsWith(".")).toSorted();
  if (files.length === 0) throw new DataError(`predict: folder ${source} holds no pictures`, { hint });
  return files.map((name) => join(source, name));
}

function requireDistinct(predictions: readonly Prediction[]): void {
  const [twice] =
    [...countOf(predictions.flatMap(({ mask, overlay }) => [mask, overlay]))].find(([, n]) => n > 1) ?? [];
  if (twice === undefined) return;
  throw new ConfigError(`predict: two predictions would both be written to ${twice}`, {
    hint: "Rename one of the pictures, or predict them one after the other, each into its own --out.",
  });
}

async function requireNoPicture(predictions: readonly Prediction[], out: string): Promise<void> {
  const real = (file: string): Promise<string> => realpath(file).catch(() => resolve(file));
  const folder = await real(out);
  const pictures = new Set(await Promise.all(predictions.map(({ image }) => real(image))));
  const over = predictions
    .flatMap(({ mask, overlay }) => [mask, overlay])
    .find((file) => pictures.has(join(folder, basename(file))));
  if (over === undefined) return;
  throw new ConfigError(`predict: ${over} would be written over a picture`, {
    hint: "Choose another folder for --out.",
  });
}

function stem(file: string): string {
  return basename(file, extname(file));
}

function countOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
