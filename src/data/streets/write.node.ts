import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { ConfigError, messageOf, ResourceError } from "../../util/errors.ts";
import { makeFolder } from "../../util/files.node.ts";
import { writeBytes } from "../encode.node.ts";
import { streetsClasses, streetsVersion } from "./streets.ts";
import { DrawingThread } from "./drawing-thread.node.ts";
import { writeStreet } from "./write-street.node.ts";
import type { StreetTask } from "./write-street.node.ts";

export interface StreetsOptions {
  /** Pictures to train on, and pictures to validate with. */
  readonly train: number;
  readonly valid: number;
  /** Their size in pixels. */
  readonly height: number;
  readonly width: number;
  readonly seed: number;
  /** Threads that draw; 0 draws in the calling thread. One per core, but no more than is worthwhile, where left out. */
  readonly threads?: number;
  /** Told the pictures done so far and their number, 0 … total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the writing by throwing the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** Pictures that take about as long as the start of a thread. */
const worthAThread = 24;

/**
 * Writes the dataset `streets` as a folder in fastai's CamVid layout: `images/street_00000.png`, the masks
 * `labels/street_00000_P.png` (palette PNG of class ids), `codes.txt`, `valid.txt` and a `streets.json` that says what
 * it was drawn from. A folder that already holds the same is left as it is; one that holds other `streets` is replaced.
 * The folder appears whole or not at all.
 * @throws ConfigError for wrong numbers or a folder with something else in it, ResourceError if it cannot be written.
 * @example await writeStreets("data/streets", { train: 64, valid: 16, height: 96, width: 128, seed: 1 });
 */
export async function writeStreets(directory: string, options: StreetsOptions): Promise<void> {
  checkOptions(options);
  const target = path.resolve(directory);
  const total = options.train + options.valid;
  const record = recordOf(options);
  const found = await recordIn(target);
  if (found === record) return options.onProgress?.(total, total);
  if (found === null) await requireEmpty(target, directory);
  const temporary = `${target}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await makeFolder(temporary);
    await writeScenes(temporary, options);
    await writeLists(temporary, options, record);
    options.signal?.throwIfAborted();
    await moveInto(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
  }
}

function checkOptions({ train, valid, seed, threads = 0 }: StreetsOptions): void {
  requireInteger("train", train, 1, 50_000);
  requireInteger("valid", valid, 1, 50_000);
  requireInteger("threads", threads, 0, 64);
  requireInteger("seed", seed, -(2 ** 31), 2 ** 32 - 1);
}

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ConfigError(`streets: ${name}: expected a whole number from ${least} to ${most}, but received ${value}`);
}

/** What a folder was drawn from, as the text of its `streets.json`. */
function recordOf({ train, valid, height, width, seed }: StreetsOptions): string {
  return `${JSON.stringify({ dataset: "streets", version: streetsVersion, seed, train, valid, height, width }, null, 2)}\n`;
}

async function recordIn(folder: string): Promise<string | null> {
  return readFile(path.join(folder, "streets.json"), "utf8").catch(() => null);
}

async function requireEmpty(target: string, given: string): Promise<void> {
  const found = await stat(target).catch(() => null);
  if (found === null || (found.isDirectory() && (await readdir(target)).length === 0)) return;
  const what = found.isDirectory() ? "is a folder with something else in it" : "is no folder";
  throw new ConfigError(`streets: ${given} ${what}`, {
    hint: "Name a new folder, or one that streets were written to.",
  });
}

/** All pictures in the order of their names: those to train on, then those to validate with. */
function tasksOf(folder: string, { train, valid, height, width, seed }: StreetsOptions): StreetTask[] {
  return Array.from({ length: train + valid }, (_, i): StreetTask => {
    // A street depends on its split and its number in it: more pictures leave the others as they are.
    const keys = i < train ? (["train", i] as const) : (["valid", i - train] as const);
    return { folder, name: nameOf(i), seed, keys, height, width };
  });
}

function nameOf(i: number): string {
  return `street_${String(i).padStart(5, "0")}`;
}

async function writeScenes(folder: string, options: StreetsOptions): Promise<void> {
  const { signal, onProgress } = options;
  const tasks = tasksOf(folder, options);
  const count = options.threads ?? Math.min(availableParallelism(), Math.floor(tasks.length / worthAThread));
  const threads = Array.from({ length: count }, () => new DrawingThread());
  let next = 0;
  let done = 0;
  const lane = async (write: (task: StreetTask) => Promise<void>): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) {
      signal?.throwIfAborted();
      await write(task);
      onProgress?.(++done, tasks.length);
    }
  };
  try {
    onProgress?.(0, tasks.length);
    await Promise.all(count === 0 ? [lane(writeStreet)] : threads.map((thread) => lane((task) => thread.write(task))));
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

async function writeLists(folder: string, { train, valid }: StreetsOptions, record: string): Promise<void> {
  const names = Array.from({ length: valid }, (_, i) => `${nameOf(train + i)}.png`);
  await writeBytes(path.join(folder, "codes.txt"), Buffer.from(`${streetsClasses.join("\n")}\n`));
  await writeBytes(path.join(folder, "valid.txt"), Buffer.from(`${names.join("\n")}\n`));
  await writeBytes(path.join(folder, "streets.json"), Buffer.from(record));
}

/** Puts a finished folder in the place of what is there, which is empty or older streets. */
async function moveInto(temporary: string, target: string): Promise<void> {
  const old = `${temporary}.old`;
  try {
    await rename(target, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(temporary, target);
  } catch (error) {
    throw new ResourceError(`streets: ${target} cannot be written: ${messageOf(error)}`, {
      hint: "Close whatever uses the folder, or choose another one.",
      cause: error,
    });
  } finally {
    await rm(old, { recursive: true, force: true }).catch(() => {});
  }
}
