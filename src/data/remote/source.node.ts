import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, DataError } from "../../util/errors.ts";
import type { Config } from "./config.node.ts";
import { type ArchiveCheck, checkOf } from "./urls.ts";

const extension = /\.(tgz|tar\.gz|tar)$/i;

/** An archive of a dataset, on a server or on this machine. */
export interface ArchiveSource {
  /** What tells it from others: its address without extension, or its absolute path. */
  readonly id: string;
  /** The dataset's name: the last part of the address or path, without extension. */
  readonly name: string;
  /** Where it is downloaded from; undefined for a file on this machine. */
  readonly address: string | undefined;
  readonly check: ArchiveCheck | undefined;
}

/** Whether a text names an archive rather than a folder: an address, or a path that ends like an archive's. */
export function isArchiveName(text: string): boolean {
  return /^(https?|file):\/\//i.test(text) || extension.test(text);
}

/**
 * What an address or path of an archive means. An address without `.tgz`, `.tar.gz` or `.tar` gets `.tgz`.
 * @param mirror address of a folder that archives of `URLs` are downloaded from instead of their own.
 * @throws ConfigError for what is no archive's name, DataError for a path where there is no file.
 */
export async function archiveSource(source: string, mirror?: string): Promise<ArchiveSource> {
  if (/^https?:\/\//i.test(source)) return remoteSource(source, mirror);
  const id = resolve(/^file:\/\//i.test(source) ? fileURLToPath(source) : source);
  const name = nameOf(id);
  if ((await stat(id).catch(() => null))?.isFile() !== true)
    throw new DataError(`data: there is no archive ${source}`, {
      hint: "Give the path of a .tgz, .tar.gz or .tar file.",
    });
  return { id, name, address: undefined, check: undefined };
}

function remoteSource(source: string, mirror: string | undefined): ArchiveSource {
  if (!URL.canParse(source)) throw new ConfigError(`data: ${JSON.stringify(source)} is no address`);
  const url = new URL(source);
  url.hash = "";
  const name = nameOf(decodeURIComponent(url.pathname));
  if (!extension.test(url.pathname)) url.pathname += ".tgz";
  const id = source.replace(extension, "");
  const check = checkOf(id);
  const address = mirror !== undefined && check ? `${mirror.replace(/\/$/, "")}/${name}.tgz` : url.href;
  return { id, name, address, check };
}

function nameOf(path: string): string {
  const name = path.split(/[\\/]/).at(-1)!.replace(extension, "");
  if (/^\.*$/.test(name)) throw new ConfigError(`data: ${JSON.stringify(path)} does not end with a dataset's name`);
  return name;
}

export interface PlaceOptions {
  /** Path of the archive. */
  readonly fname?: string | undefined;
  /** The folder that the dataset's own comes into. */
  readonly dest?: string | undefined;
  /** False for the folders of weights instead of those of data. */
  readonly data: boolean;
  readonly cwd: string;
}

/** Where a dataset and its archive are, absolute. */
export interface Places {
  readonly folder: string;
  readonly archive: string;
}

/** `data/` in the working folder where the dataset or its archive is there, else the folders of the configuration. */
export async function placesOf(
  { id, name, address }: ArchiveSource,
  config: Config,
  { fname, dest, data, cwd }: PlaceOptions,
): Promise<Places> {
  const local = join(cwd, data ? "data" : "models");
  const hasArchive = await exists(join(local, `${name}.tgz`));
  const isLocal = hasArchive || (await exists(join(local, name)));
  const standard = data ? config.dataPath : config.modelPath;
  const archives = hasArchive ? local : data ? config.dataArchivePath : config.modelPath;
  return {
    folder: resolve(cwd, dest ?? (isLocal ? local : standard), name),
    archive: address === undefined ? id : resolve(cwd, fname ?? join(archives, `${name}.tgz`)),
  };
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
