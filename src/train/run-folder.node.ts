import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { BadPicture } from "../data/bad-pictures.ts";
import { cell, csvLine, parseCsv } from "../data/csv.ts";
import { type DatasetLists, decodeLists } from "../data/dataset-lists.ts";
import type { ModelCard } from "../inference/card.ts";
import { readWeights, type StoredWeights, writeWeights } from "../inference/weights.node.ts";
import type { StateDict } from "../nn/state.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { ConfigError, CorruptFileError, messageOf } from "../util/errors.ts";
import { type FileLockOptions, type HeldFile, holdFile, isLeft } from "../util/file-lock.node.ts";
import { makeFolder, removeEmpty, writeWhole } from "../util/files.node.ts";
import { parseYaml } from "../util/parse-yaml.ts";
import { readText, textLimits } from "../util/read-bounded.node.ts";
import { type BestEpoch, decodeBestEpoch, encodeBestEpoch } from "./best-epoch.ts";
import { CheckpointFiles } from "./checkpoint-files.node.ts";
import { decodeFormulas, encodeFormulas } from "./formula-file.ts";
import { decodeRecord, type RunRecord } from "./run-record.ts";

/** Which weights of a run: those of the best epoch, or the newest. */
export type WeightsName = "best" | "last";

/** The folder of one training run: resolved arguments, weights, checkpoints, results and pictures. */
export class RunFolder {
  readonly path: string;
  /** What an interrupted run can be continued from. */
  readonly checkpoints: CheckpointFiles;
  /** The outermost folder that was made for this one. */
  #made: string | undefined;
  #lock: HeldFile | undefined;

  constructor(path: string) {
    this.path = path;
    this.checkpoints = new CheckpointFiles(join(path, "checkpoints"), () => this.#check());
  }

  /** Makes a folder named `name`, `name-2`, `name-3` … below `parent`: the first that is not there yet. */
  static async fresh(parent: string, name: string): Promise<RunFolder> {
    const made = await makeFolder(parent);
    for (let i = 1; ; i++) {
      const run = new RunFolder(join(parent, i === 1 ? name : `${name}-${i}`));
      // Of two processes that ask for the same folder one makes it.
      const taken = await mkdir(run.path).then(
        () => false,
        (error: NodeJS.ErrnoException) => error.code === "EEXIST",
      );
      if (taken) continue;
      await run.create();
      run.#made = made ?? run.path;
      return run;
    }
  }

  /** Makes the folder; throws a ResourceError when it cannot be written. */
  async create(): Promise<void> {
    this.#made = await makeFolder(this.path);
    await makeFolder(this.file("weights"));
  }

  /**
   * Keeps other processes from training in the folder, until `release` or the end of this process.
   * @throws ConfigError while another process trains here; ResourceError when the folder cannot be written.
   */
  async hold(options: FileLockOptions = {}): Promise<void> {
    this.#lock = await holdFile(this.#lockFile, `train: ${this.path}`, options);
    await this.#removeUnfinished();
  }

  /** Lets other processes train here. Where the run is not done, `isLeft` will tell. */
  async release(done: boolean): Promise<void> {
    await this.#lock?.release(done);
    this.#lock = undefined;
  }

  /** Whether the last process that trained here left its run unfinished. Waits for a sign of life where it may live. */
  isLeft(options: FileLockOptions = {}): Promise<boolean> {
    return isLeft(this.#lockFile, options);
  }

  /** Takes back what `create` made, as far as nothing else was put into it. */
  async discard(): Promise<void> {
    await this.checkpoints.remove();
    for (const name of ["args.yaml", "dataset.json", "formulas.json", "bad.csv", "results.csv", "run.json"])
      await rm(this.file(name), { force: true });
    await rmdir(this.file("weights")).catch(() => {});
    await this.release(true);
    if (this.#made !== undefined) await removeEmpty(this.path, this.#made);
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  weightsFile(name: WeightsName): string {
    return this.file("weights", `${name}.safetensors`);
  }

  /** Whether a run was begun here. */
  async exists(): Promise<boolean> {
    return isThere(this.file("args.yaml"));
  }

  /** Whether the run has come to its end. */
  async isComplete(): Promise<boolean> {
    return (await this.hasWeights("last")) && !(await this.checkpoints.exist());
  }

  async hasWeights(name: WeightsName): Promise<boolean> {
    return isThere(this.weightsFile(name));
  }

  async writeArguments(args: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#write("args.yaml", stringify(args));
  }

  /** The arguments the run was started with; throws a ConfigError when there is no run here. */
  async readArguments(): Promise<Record<string, unknown>> {
    const file = this.file("args.yaml");
    const text = await readText(file).catch((error: unknown) => {
      if (error instanceof CorruptFileError) throw error;
      throw this.#noRun("it has no args.yaml", error);
    });
    try {
      return z.record(z.string(), z.unknown()).parse(parseYaml(text));
    } catch (error) {
      const reason = error instanceof z.ZodError ? "does not hold options and their values" : messageOf(error);
      throw new CorruptFileError(`${file}: ${reason}`, {
        hint: "Put the file back as segkit train wrote it.",
        cause: error,
      });
    }
  }

  /** Writes weights of the run; those of the best epoch say of themselves which one that was. */
  async writeWeights(name: WeightsName, state: StateDict, card: ModelCard, best?: BestEpoch): Promise<void> {
    await this.#check();
    await writeWeights(this.weightsFile(name), state, card, best && encodeBestEpoch(best));
  }

  /** The epoch that the best weights are of; undefined where there are none that can be read. */
  async readBest(): Promise<BestEpoch | undefined> {
    const stored = await readWeights(this.weightsFile("best")).catch(() => undefined);
    return stored && decodeBestEpoch(stored.metadata);
  }

  /** Weights of the run and what they are of. Throws a ConfigError when there are none. */
  async readWeights(name: WeightsName): Promise<StoredWeights> {
    if (await this.hasWeights(name)) return readWeights(this.weightsFile(name));
    if (!(await this.exists())) throw this.#noRun("it has no args.yaml");
    throw new ConfigError(`${this.path} has no weights/${name}.safetensors yet`, {
      hint: (await this.checkpoints.exist())
        ? `Continue the run with segkit train --resume --out ${this.path}, or use other --weights.`
        : "Train again, or use other --weights.",
    });
  }

  /** Writes results.csv: the columns, and the epochs so far. */
  async writeResults(columns: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    await this.#write("results.csv", [columns, ...rows].map((row) => `${row.join(",")}\n`).join(""));
  }

  /** The text of results.csv; throws a ConfigError when there is none. */
  async readResults(): Promise<string> {
    return readText(this.file("results.csv"), textLimits.listed).catch((error: unknown) => {
      if (error instanceof CorruptFileError) throw error;
      throw this.#noRun("it has no results.csv", error);
    });
  }

  /** Writes run.json. */
  async writeRecord(record: RunRecord): Promise<void> {
    await this.#write("run.json", JSON.stringify(record));
  }

  /** What `writeRecord` wrote; null where there is none that can be read, as in runs older than it. */
  async readRecord(): Promise<RunRecord | null> {
    const text = await readText(this.file("run.json"), textLimits.listed).catch(() => null);
    return text === null ? null : decodeRecord(text);
  }

  /** Writes dataset.json: the pictures that the run was begun with, as `encodeLists` gives them. */
  async writeLists(lists: string): Promise<void> {
    await this.#write("dataset.json", lists);
  }

  /** The pictures that the run was begun with; undefined where that cannot be read, as in runs older than the file. */
  async readLists(): Promise<DatasetLists | undefined> {
    const text = await readText(this.file("dataset.json"), textLimits.listed).catch(() => "");
    return Promise.resolve(text)
      .then(decodeLists)
      .catch(() => undefined);
  }

  /** Writes formulas.json: how convolutions are computed where no rule says so. */
  async writeFormulas(formulas: FormulaChoices): Promise<void> {
    await this.#write("formulas.json", encodeFormulas(formulas));
  }

  /** What `writeFormulas` wrote; none where there is no such file. Throws a CorruptFileError where it cannot be read. */
  async readFormulas(): Promise<FormulaChoices> {
    const file = this.file("formulas.json");
    return (await isThere(file)) ? decodeFormulas(await readText(file), file) : {};
  }

  /** Writes bad.csv: the pictures that are left out. */
  async writeBad(pictures: readonly BadPicture[]): Promise<void> {
    await this.#write(
      "bad.csv",
      [["id", "reason"], ...pictures.map(({ id, reason }) => [id, reason])].map(csvLine).join(""),
    );
  }

  /** The pictures that are left out. Throws a CorruptFileError where that cannot be read. */
  async readBad(): Promise<BadPicture[]> {
    const file = this.file("bad.csv");
    if (!(await isThere(file))) return [];
    const text = await readText(file, textLimits.listed);
    try {
      return parseCsv(text, file).map((row) => ({ id: cell(row, "id", file), reason: cell(row, "reason", file) }));
    } catch (error) {
      throw new CorruptFileError(messageOf(error), { hint: "Put the file back, or remove it.", cause: error });
    }
  }

  get #lockFile(): string {
    return this.file("run.lock");
  }

  /** Throws a ConfigError where another process has taken the folder over, this one having shown no life. */
  async #check(): Promise<void> {
    await this.#lock?.check();
  }

  async #write(name: string, text: string): Promise<void> {
    await this.#check();
    await writeWhole(this.file(name), [text]);
  }

  /** Removes what a process left that was killed while it wrote. */
  async #removeUnfinished(): Promise<void> {
    for (const folder of [this.path, this.file("weights"), this.checkpoints.folder])
      for (const name of await readdir(folder).catch(() => []))
        if (/\.[0-9a-f]{8}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
  }

  #noRun(reason: string, cause?: unknown): ConfigError {
    return new ConfigError(`${this.path} is not a run folder: ${reason}`, {
      hint: "Give a folder that segkit train made, such as runs/train/streets.",
      cause,
    });
  }
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
