import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type PredictionFormatName, predictionFormats } from "../inference/formats/index.node.ts";
import { ConfigError } from "../util/errors.ts";
import type { FolderListing } from "./folder-listing.ts";
import type { PredictSource } from "./predict-sources.ts";

/** A picture or a video, and the name that its files begin with. */
export interface Prediction extends PredictSource {
  /** Its path without the extension, unless another one differs in nothing else. */
  readonly name: string;
}

/** One of the parts that the work is cut into, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The folder below --out of the files that documents are put together from. */
export const partsFolder = ".parts";

/**
 * The names of what is predicted into a folder. Throws a ConfigError where a file would be written twice, or over one that is
 * predicted.
 */
export async function predictionsFor(
  sources: readonly PredictSource[],
  formats: readonly PredictionFormatName[],
  out: string,
): Promise<Prediction[]> {
  const stems = countOf(sources.map(({ path }) => stem(path)));
  const predictions = sources.map((source): Prediction => {
    const one = (stems.get(stem(source.path)) ?? 0) === 1;
    return { ...source, name: one ? stem(source.path) : source.path.replace(/\.(?=[^./]*$)/, "_") };
  });
  const written = predictions.flatMap(({ name, video }) =>
    formats.map((format) => {
      if (!video) return fileOf(name, format);
      return predictionFormats[format].frame ? videoFileOf(name, format) : fileOf(frameName(name, 0), format);
    }),
  );
  requireDistinct(written, out);
  await requireNoSource(written, sources, out);
  return predictions;
}

/** The file of a picture or of a frame of a video, below --out. */
export function fileOf(name: string, format: PredictionFormatName): string {
  const { suffix, document } = predictionFormats[format];
  return join(document ? partsFolder : "", `${name}${suffix}`);
}

/** The file of all frames of a video, where a format has one. */
export function videoFileOf(name: string, format: PredictionFormatName): string {
  return `${name}${predictionFormats[format].suffix.replace(/\.\w+$/, ".mp4")}`;
}

/** What the files of a video's frame begin with; frames count from 0, their names from 1. */
export function frameName(video: string, frame: number): string {
  return `${video}/${String(frame + 1).padStart(6, "0")}`;
}

/** Where a video's number of frames is kept once they are all finished. */
export function framesFileOf(video: string): string {
  return join(partsFolder, video, "frames.json");
}

/** The files that are there of a picture or video, in some formats. */
export async function staleFiles(
  { name, video }: Pick<Prediction, "name" | "video">,
  formats: readonly PredictionFormatName[],
  listing: FolderListing,
): Promise<string[]> {
  const names = video ? await framesIn(name, listing) : [name];
  const ofVideo = video ? [framesFileOf(name), ...formats.map((format) => videoFileOf(name, format))] : [];
  const files = [...ofVideo, ...names.flatMap((each) => formats.map((format) => fileOf(each, format)))];
  const there = await Promise.all(files.map((file) => listing.has(file)));
  return files.filter((_, i) => there[i]);
}

/** The names of the frames of a video that there are files of, in their order. */
export async function framesIn(video: string, listing: FolderListing): Promise<string[]> {
  const files = await Promise.all([video, join(partsFolder, video)].map((folder) => listing.namesIn(folder)));
  const numbers = files.flatMap((names) => [...names].flatMap((name) => /^\d{6,}/.exec(name)?.[0] ?? []));
  return [...new Set(numbers)].toSorted((a, b) => Number(a) - Number(b)).map((number) => `${video}/${number}`);
}

/** Every `count`th of the items, beginning with the one of the shard's index. */
export function shardOf<T>(items: readonly T[], shard: Shard | undefined): T[] {
  return items.filter((_, i) => shard === undefined || i % shard.count === shard.index - 1);
}

function requireDistinct(files: readonly string[], out: string): void {
  const [twice] = [...countOf(files)].find(([, n]) => n > 1) ?? [];
  if (twice === undefined) return;
  throw new ConfigError(`predict: two predictions would both be written to ${join(out, twice)}`, {
    hint: "Rename one of them, give a pattern over both folders, or use one --out for each.",
  });
}

async function requireNoSource(
  files: readonly string[],
  sources: readonly PredictSource[],
  out: string,
): Promise<void> {
  const real = (file: string): Promise<string> => realpath(file).catch(() => resolve(file));
  const taken = new Set(await Promise.all(sources.map(({ file }) => real(file))));
  const folders = new Map<string, string>();
  for (const folder of new Set(files.map(dirname))) folders.set(folder, await real(join(out, folder)));
  const over = files.find((file) => taken.has(join(folders.get(dirname(file))!, basename(file))));
  if (over === undefined) return;
  throw new ConfigError(`predict: ${join(out, over)} would be written over a picture`, {
    hint: "Choose another folder for --out.",
  });
}

function stem(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}

function countOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
