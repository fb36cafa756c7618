import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { checkDataset } from "../data/check.node.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import { openFolder } from "../data/folder.node.ts";
import { writeStreets } from "../data/streets/write.node.ts";
import { clock } from "../util/clock.ts";
import { DataError, ResourceError } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { nearest } from "./nearest.ts";

/** The folder for datasets that segkit makes itself: $SEGKIT_HOME, or segkit in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.SEGKIT_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "segkit");
}

/** Datasets that need no folder of the user's, by name: each makes sure of its folder. */
const presets: ReadonlyMap<string, (io: CommandIo) => Promise<string>> = new Map([["streets", drawStreets]]);

async function drawStreets({ output, signal }: CommandIo): Promise<string> {
  const scenes = { train: 440, valid: 60, height: 96, width: 128, seed: 1 };
  const folder = join(cacheFolder(), "streets");
  const bar = output.bar();
  try {
    await writeStreets(folder, {
      ...scenes,
      signal,
      onProgress: (done, total) => bar.update(done, total, "drawing street scenes"),
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

/** The name of a dataset as a run records it: a preset's name, or a path that means the same from everywhere. */
export function recordedData(data: string): string {
  return presets.has(data) ? data : resolve(data);
}

/**
 * Opens a preset or a folder and checks every picture and mask, so that no training time is spent on broken data.
 * @param size what the pictures will be resized to, if that is known already: a doubtful one is noted.
 */
export async function openData(
  data: string,
  io: CommandIo,
  size?: readonly [height: number, width: number],
): Promise<SegmentationDataset> {
  const { output, signal } = io;
  const folder = (await presets.get(data)?.(io)) ?? (await existing(data));
  const dataset = await openFolder(folder);
  const bar = output.bar();
  const start = performance.now();
  try {
    const { warnings } = await checkDataset(dataset, {
      ...(size === undefined ? {} : { size }),
      onProgress: (done, total) => {
        signal.throwIfAborted();
        bar.update(done, total, "checking pictures and masks");
      },
    });
    for (const warning of [...dataset.notes, ...warnings]) output.note(`note: ${warning}`);
  } finally {
    bar.clear();
  }
  const { train, valid, classes } = dataset;
  output.line(
    `${folder}: ${train.length} training and ${valid.length} validation pictures, ${classes.length} classes, checked in ${clock((performance.now() - start) / 1000)}`,
  );
  return dataset;
}

async function existing(folder: string): Promise<string> {
  if (await stat(folder).catch(() => null)) return folder;
  const meant = nearest(folder, [...presets.keys()]);
  throw new DataError(`data: folder ${folder} does not exist`, {
    hint:
      meant === undefined
        ? `Name a folder with images/, labels/, codes.txt and valid.txt, or one of: ${[...presets.keys()].join(", ")}.`
        : `Did you mean ${meant}?`,
  });
}
