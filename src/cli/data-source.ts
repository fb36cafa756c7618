import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkDataset } from "../data/check.node.ts";
import { type BadPictures, isBadPicture } from "../data/bad-pictures.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import type { DatasetLists } from "../data/dataset-lists.ts";
import { openFolder } from "../data/folder.node.ts";
import type { MaskOptions } from "../data/mask-options.ts";
import { segkitHome } from "../data/remote/config.node.ts";
import { isArchiveName } from "../data/remote/source.node.ts";
import { untarData, type UntarOptions } from "../data/remote/untar.node.ts";
import { URLs } from "../data/remote/urls.ts";
import { writeStreets } from "../data/streets/write.node.ts";
import { clock } from "../util/clock.ts";
import { type CorruptFileError, DataError, ResourceError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import type { CommandIo } from "./command.ts";
import { RateBar } from "./rate-bar.ts";
import { TransferBar } from "./transfer-bar.ts";

/** Datasets on servers, by the name they have on the command line. */
const remotes = {
  camvid: URLs.CAMVID,
  "camvid-tiny": URLs.CAMVID_TINY,
} as const;

/** Datasets that need no folder of the user's, by name: each makes sure of its folder. */
const presets: ReadonlyMap<string, (io: CommandIo) => Promise<string>> = new Map([
  ["streets", drawStreets],
  ...Object.keys(remotes).map((name) => [name, (io: CommandIo) => fetchData(name, io)] as const),
]);

/** The names of all of them, as help and hints list them. */
export const presetNames: readonly string[] = [...presets.keys()];

async function drawStreets({ output, signal }: CommandIo): Promise<string> {
  const scenes = { train: 440, valid: 60, height: 96, width: 128, seed: 1 };
  const folder = join(segkitHome(), "streets");
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    await writeStreets(folder, {
      ...scenes,
      signal,
      onProgress: (done, total) => rate.update("drawing street scenes", done, total),
    });
  } catch (error) {
    if (!(error instanceof ResourceError)) throw error;
    throw new ResourceError(error.message, {
      hint: "Set SEGKIT_HOME to a folder for the scenes that can be written.",
      cause: error,
    });
  } finally {
    bar.clear();
  }
  return folder;
}

/**
 * Makes sure that a dataset of a server or an archive is unpacked, with a live bar, and returns its folder.
 * @param source a name such as camvid, an address, or the path of an archive.
 */
export async function fetchData(
  source: string,
  { output, signal }: CommandIo,
  options: Pick<UntarOptions, "dest" | "forceDownload"> = {},
): Promise<string> {
  const remote = Object.hasOwn(remotes, source) ? remotes[source as keyof typeof remotes] : undefined;
  if (remote === undefined && !isArchiveName(source)) throw unknownData(source, Object.keys(remotes));
  const bar = output.bar();
  const transfer = new TransferBar(bar);
  const name = dataName(source);
  let phase = "";
  try {
    return await untarData(remote ?? source, {
      ...options,
      signal,
      onNote: (note) => output.note(`note: ${note}`),
      onProgress: (now, done, total) => {
        if (phase !== now) {
          const size = total === undefined ? "" : ` (${(total / 1e6).toFixed(1)} MB)`;
          output.line(`${now} ${name}${size}`);
          output.event(now, { name, bytes: total });
        }
        phase = now;
        transfer.update(`${now} ${name}`, done, total);
      },
    });
  } finally {
    bar.clear();
  }
}

/** A dataset's name: a preset's, or the last part of a path or address without an archive's extension. */
export function dataName(data: string): string {
  const path = isAddress(data) ? data.replace(/[?#].*$/, "") : data;
  const last = path.split(/[\\/]/).findLast((part) => part !== "");
  return last?.replace(/\.(tgz|tar\.gz|tar)$/i, "") || "data";
}

function isAddress(data: string): boolean {
  return /^\w+:\/\//.test(data);
}

/** What a run records as its data: a preset's name or an address, or a path that means the same from everywhere. */
export function recordedData(data: string): string {
  return presets.has(data) || isAddress(data) ? data : resolve(data);
}

export interface OpenDataOptions {
  /** What the pictures will be resized to, if that is known already: a doubtful one is noted. */
  readonly size?: readonly [height: number, width: number] | undefined;
  /** How pixels of the masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions | undefined;
  /** Which pictures; all that are there where left out. */
  readonly lists?: DatasetLists | undefined;
  /** What keeps the bad ones among so many pictures; undefined where they are an error. */
  readonly badOf?: (pictures: number) => Promise<BadPictures | undefined>;
}

/**
 * Opens a preset, a folder, an archive or an address, and checks every picture and mask, so that no training time is
 * spent on broken data. Bad pictures are not in the lists, unless these were given.
 */
export async function openData(
  data: string,
  io: CommandIo,
  { size, masks, lists, badOf }: OpenDataOptions = {},
): Promise<SegmentationDataset> {
  const { output, signal } = io;
  const folder = await folderOf(data, io);
  const dataset = await openFolder(folder, { ...(masks && { masks }), lists });
  const bad = await badOf?.(dataset.train.length + dataset.valid.length);
  const bar = output.bar();
  const rate = new RateBar(bar);
  const start = performance.now();
  try {
    const { warnings } = await checkDataset(dataset, {
      ...(size === undefined ? {} : { size }),
      bad,
      onProgress: (done, total) => {
        signal.throwIfAborted();
        rate.update("checking pictures and masks", done, total);
      },
    });
    for (const warning of [...dataset.notes, ...warnings]) output.note(`note: ${warning}`);
  } catch (error) {
    throw lists && !bad && isBadPicture(error) ? mayBeSkipped(error) : error;
  } finally {
    bar.clear();
  }
  const sound = bad ? { train: bad.without(dataset.train), valid: bad.without(dataset.valid) } : dataset;
  const { train, valid } = sound;
  output.line(
    `${folder}: ${train.length} training and ${valid.length} validation pictures, ${dataset.classes.length} classes, checked in ${clock((performance.now() - start) / 1000)}`,
  );
  return lists ? dataset : { ...dataset, ...sound };
}

/** The error of a picture that a run was begun with. */
function mayBeSkipped(error: DataError | CorruptFileError): DataError {
  const hint = `${error.hint ?? "Put it back where it was."} Or leave such pictures out with --on-bad skip.`;
  return new DataError(error.message, { hint, cause: error });
}

/** The folder of a preset (made or fetched if need be), of an archive or address, or the one given. */
export async function folderOf(data: string, io: CommandIo): Promise<string> {
  const preset = presets.get(data);
  if (preset) return preset(io);
  const found = await stat(data).catch(() => null);
  if (found?.isDirectory()) return data;
  if (isArchiveName(data)) return fetchData(data, io);
  if (found) return data;
  throw new DataError(`data: folder ${data} does not exist`, {
    hint: meantOr(data, presetNames, "a folder with images/, labels/, codes.txt and valid.txt"),
  });
}

function unknownData(name: string, known: readonly string[]): DataError {
  return new DataError(`data: there is no dataset ${name}`, {
    hint: meantOr(name, known, "an address or the path of a .tgz"),
  });
}

function meantOr(word: string, known: readonly string[], otherwise: string): string {
  const meant = nearest(word, known);
  return meant === undefined ? `Name ${otherwise}, or one of: ${known.join(", ")}.` : `Did you mean ${meant}?`;
}
