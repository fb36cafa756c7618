import { readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { csvLine } from "../data/csv.ts";
import type { ClassNames, Contents } from "../inference/formats/format.ts";
import { type PredictionFormatName, predictionFormats } from "../inference/formats/index.node.ts";
import { ConfigError } from "../util/errors.ts";
import { makeFolder, makeFolders, writeWhole } from "../util/files.node.ts";
import { FolderListing } from "./folder-listing.ts";
import { modelText, type PredictionRecord, readRecord, sameModel, writeRecord } from "./prediction-record.ts";
import { fileOf, type Prediction, type Shard, staleFiles } from "./predictions.ts";

/** A picture or video that could not be read, and why. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** How a folder is opened. */
export interface PredictionFolderOptions {
  /** Whether what an earlier call finished there is kept. */
  readonly resume: boolean;
  readonly shard?: Shard | undefined;
}

/** The folder that predictions are written to. Its files are written whole or not at all: one that is there is finished. */
export class PredictionFolder {
  readonly path: string;
  readonly #record: PredictionRecord;
  readonly #shard: Shard | undefined;
  readonly #resumed: boolean;
  readonly #listing: FolderListing;

  private constructor(path: string, record: PredictionRecord, { resume, shard }: PredictionFolderOptions) {
    this.path = path;
    this.#record = record;
    this.#shard = shard;
    this.#resumed = resume;
    this.#listing = new FolderListing(path);
  }

  /**
   * Opens a folder, which is made if need be. To resume where there is no record of an earlier call is to begin.
   * @throws ConfigError where an earlier call used other weights or settings, ResourceError where nothing can be written.
   */
  static async open(
    path: string,
    record: PredictionRecord,
    options: PredictionFolderOptions,
  ): Promise<PredictionFolder> {
    const earlier = options.resume ? await readRecord(path) : null;
    if (earlier && !sameModel(earlier, record))
      throw new ConfigError(
        `predict: what is in ${path} was made with ${modelText(earlier)}, not ${modelText(record)}`,
        {
          hint: "Leave out --resume to predict everything again, or choose another folder for --out.",
        },
      );
    await makeFolder(path);
    return new PredictionFolder(path, record, { ...options, resume: earlier !== null });
  }

  /** Writes the record; files of an earlier call that is not resumed are removed, so that none passes for this one's. */
  async begin(predictions: readonly Prediction[], formats: readonly PredictionFormatName[]): Promise<void> {
    if (!this.#resumed)
      for (const prediction of predictions)
        for (const file of await staleFiles(prediction, formats, this.#listing))
          await rm(join(this.path, file), { force: true });
    await writeRecord(this.path, this.#record);
  }

  /** Whether an earlier call finished a file. What was left of one that it was writing is removed. */
  async has(file: string): Promise<boolean> {
    return this.#resumed && this.#listing.has(file);
  }

  /** The formats that a picture, or a frame of a video, has no finished file of. */
  async missing(name: string, formats: readonly PredictionFormatName[]): Promise<PredictionFormatName[]> {
    const missing: PredictionFormatName[] = [];
    for (const format of formats) if (!(await this.has(fileOf(name, format)))) missing.push(format);
    return missing;
  }

  /** Makes a folder in it; gives its path. */
  async makeFolder(name: string): Promise<string> {
    const path = join(this.path, name);
    await makeFolders(resolve(path));
    return path;
  }

  /** Makes the folders that a file is in; gives its path. */
  async placeOf(file: string): Promise<string> {
    const path = join(this.path, file);
    await makeFolders(resolve(dirname(path)));
    return path;
  }

  /** Writes a file; gives its path. */
  async write(file: string, contents: Contents): Promise<string> {
    return this.writeChunks(file, one(contents));
  }

  /** Writes a file while its contents are made; gives its path. */
  async writeChunks(file: string, chunks: AsyncIterable<Contents>): Promise<string> {
    const path = await this.placeOf(file);
    await writeWhole(path, chunks);
    return path;
  }

  /** The text of a file; null where there is none. */
  async read(file: string): Promise<string | null> {
    return readFile(join(this.path, file), "utf8").catch(() => null);
  }

  /** Puts the document of a format together from the pictures that were predicted; gives its path, null without one. */
  async gather(format: PredictionFormatName, names: readonly string[], classes: ClassNames): Promise<string | null> {
    const { document } = predictionFormats[format];
    if (!document) return null;
    const read = (name: string): Promise<string | null> => this.read(fileOf(name, format));
    const parts = async function* (): AsyncGenerator<string, void, void> {
      for (const name of names) {
        const text = await read(name);
        if (text !== null) yield text;
      }
    };
    const path = join(this.path, this.#ofShard(document.file));
    await writeWhole(path, document.chunks(parts, classes));
    return path;
  }

  /** Writes skipped.csv, or removes an earlier one where nothing was skipped; gives its path. */
  async writeSkipped(skipped: readonly Skipped[]): Promise<string | null> {
    const file = this.#ofShard("skipped.csv");
    if (skipped.length > 0) {
      const rows = skipped.map(({ file: picture, reason }) => csvLine([picture, reason]));
      return this.write(file, [csvLine(["picture", "reason"]), ...rows].join(""));
    }
    await rm(join(this.path, file), { force: true });
    return null;
  }

  #ofShard(file: string): string {
    return this.#shard ? file.replace(/(?=\.\w+$)/, `-${this.#shard.index}-of-${this.#shard.count}`) : file;
  }
}

async function* one<T>(item: T): AsyncGenerator<T, void, void> {
  yield item;
}
