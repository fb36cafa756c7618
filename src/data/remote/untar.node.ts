import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { download } from "../../util/download.node.ts";
import { ConfigError, CorruptFileError, messageOf, ResourceError } from "../../util/errors.ts";
import { differenceFrom } from "../../util/file-check.node.ts";
import { withFileLock } from "../../util/file-lock.node.ts";
import { makeFolder } from "../../util/files.node.ts";
import { type Config, readConfig, writeStandardConfig } from "./config.node.ts";
import type { ExtractLimits } from "./entry-fault.ts";
import { extractArchive } from "./extract.node.ts";
import { originOf, readOrigin, sameArchive, writeOrigin } from "./origin.node.ts";
import { type ArchiveSource, archiveSource, exists, type Places, placesOf } from "./source.node.ts";

/** Where a dataset comes from and goes to, and who is told. */
export interface UntarOptions {
  /** Path of the archive, which is used if it is there and downloaded to if not. */
  readonly fname?: string;
  /** The folder that the dataset's own comes into; that of the configuration where left out. */
  readonly dest?: string;
  /** False for the folders of weights instead of those of data. */
  readonly data?: boolean;
  /** Downloads and unpacks anew what is there already. */
  readonly forceDownload?: boolean;
  /** Told bytes done and in all, where that is known, while downloading and then while unpacking. */
  readonly onProgress?: (phase: "downloading" | "unpacking", done: number, total: number | undefined) => void;
  /** Told what a user should know, in one sentence. */
  readonly onNote?: (note: string) => void;
  /** Ends the work by throwing the signal's reason; what was downloaded is kept. */
  readonly signal?: AbortSignal;
  /** How much an archive may unpack to. */
  readonly limits?: ExtractLimits;
  /** Folders to use instead of those of segkit's home. */
  readonly config?: Config;
  /** The folder in which `data/` is looked for; the working folder where left out. */
  readonly cwd?: string;
}

/**
 * Downloads and unpacks a dataset, unless its folder is there already, and returns that folder, as fastai's
 * `untar_data`. `source` is an address such as `URLs.CAMVID` (`.tgz` is added to one without extension), or the path or
 * `file:` address of an archive. The folder is named after it, and lies in `data/` of the working folder if it or its
 * archive is there, else where `config.yml` says. It appears whole or not at all, and holds only plain files and
 * folders. `SEGKIT_MIRROR` names a server with the archives of `URLs`.
 * @throws CorruptFileError for an archive that is not what the table says, is damaged, or unsafe; ConfigError where the
 * folder holds another dataset of that name; ResourceError where a server or disk fails. (fastai-spec §1.2)
 * @example const folder = await untarData(URLs.CAMVID_TINY);
 */
export async function untarData(source: string, options: UntarOptions = {}): Promise<string> {
  const archive = await archiveSource(source, process.env.SEGKIT_MIRROR);
  const config = options.config ?? (await readConfig());
  const { fname, dest, data = true, cwd = process.cwd() } = options;
  const places = await placesOf(archive, config, { fname, dest, data, cwd });
  const { folder } = places;
  const isReady = async (): Promise<boolean> => options.forceDownload !== true && (await holds(places, archive));
  if (await isReady()) return folder;
  await writeStandardConfig(config);
  await makeFolder(dirname(folder));
  const work = async (): Promise<void> => {
    if (await isReady()) return;
    if (options.forceDownload !== true && (await exists(folder)))
      options.onNote?.(`${archive.name} is another version than the one in ${folder}, which is replaced`);
    await fetchArchive(archive, places, options);
    await unpack(archive, places, options);
  };
  await withFileLock(folder, work, options.signal ? { signal: options.signal } : {});
  return folder;
}

/** Whether a folder holds the dataset of a source. One that segkit did not unpack is taken for that of an address. */
async function holds({ folder, archive }: Places, source: ArchiveSource): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  if (found === null) return false;
  if (!found.isDirectory())
    throw new ConfigError(`data: ${folder} is no folder`, { hint: "Choose another folder for the dataset." });
  const origin = await readOrigin(folder);
  const isLocal = source.address === undefined;
  if (origin === null && !isLocal) return true;
  const wanted = isLocal ? await originOf(archive, source.id) : source.check;
  if (origin && (wanted ? sameArchive(origin, wanted) : origin.source === source.id)) return true;
  if (origin?.source !== source.id) {
    const other = origin ? `was unpacked from ${origin.source}, not` : "is there already, and was not unpacked";
    throw new ConfigError(`data: ${folder} ${other} from ${source.id}`, {
      hint: "Unpack it into another folder (segkit data download … --dest DIR), or remove that one.",
    });
  }
  return false;
}

/** Makes sure that the archive is on this machine, and what it should be. */
async function fetchArchive(source: ArchiveSource, { archive }: Places, options: UntarOptions): Promise<void> {
  const { address, check, name } = source;
  const { fname, forceDownload = false, onProgress, onNote, signal } = options;
  if (address === undefined) return;
  const difference = check && (await exists(archive)) ? await differenceFrom(archive, check) : null;
  if (difference !== null && !forceDownload) {
    if (fname !== undefined)
      throw new CorruptFileError(`${archive}: ${difference}`, {
        hint: `It is not the archive of ${source.id}. Give another file, or leave it out to download it.`,
      });
    onNote?.(`${archive} is not the archive of ${name} as it is now, and is replaced`);
  }
  await download(address, archive, {
    ...(check ? { check } : {}),
    force: forceDownload,
    onProgress: (done, total) => onProgress?.("downloading", done, total),
    ...(signal ? { signal } : {}),
  });
}

async function unpack(source: ArchiveSource, { folder, archive }: Places, options: UntarOptions): Promise<void> {
  const { onProgress, limits, signal } = options;
  const temporary = `${folder}.unpacking`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await makeFolder(temporary);
    await extractArchive(archive, temporary, {
      onProgress: (done, total) => onProgress?.("unpacking", done, total),
      ...(limits ? { limits } : {}),
      ...(signal ? { signal } : {}),
    });
    const top = await topOf(temporary, source.name, archive);
    await writeOrigin(top, await originOf(archive, source.id));
    signal?.throwIfAborted();
    await replace(folder, top);
  } catch (error) {
    // A download that cannot be unpacked would fail for ever.
    const isOurs = source.address !== undefined && options.fname === undefined;
    if (error instanceof CorruptFileError && isOurs) await rm(archive, { force: true });
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The folder of an unpacked archive that is the dataset: the one of its name, or the only one, or all of it. */
async function topOf(temporary: string, name: string, archive: string): Promise<string> {
  const found = await readdir(temporary, { withFileTypes: true });
  const entries = found.filter((entry) => !entry.name.startsWith(".") && entry.name !== "__MACOSX");
  if (entries.length === 0) throw new CorruptFileError(`${archive} is an empty archive`);
  const top = entries.find((entry) => entry.name === name) ?? (entries.length === 1 ? entries[0] : undefined);
  return top?.isDirectory() ? join(temporary, top.name) : temporary;
}

/** Puts a finished folder in the place of what is there. */
async function replace(folder: string, finished: string): Promise<void> {
  const old = `${folder}.old`;
  try {
    await rm(old, { recursive: true, force: true });
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(finished, folder);
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw new ResourceError(`${folder} cannot be written: ${messageOf(error)}`, {
      hint: "Close whatever uses the folder, or choose another one.",
      cause: error,
    });
  }
}
