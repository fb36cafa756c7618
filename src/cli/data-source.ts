import { homedir } from "node:os";
import { join } from "node:path";
import { checkDataset } from "../data/check.node.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import { openFolder } from "../data/folder.node.ts";
import { writeStreets } from "../data/streets/write.node.ts";
import { clock } from "../util/clock.ts";
import { ProgressBar } from "./progress.ts";
import type { Output } from "./output.ts";

/** The folder for datasets that segkit makes itself: $SEGKIT_HOME, or segkit in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.SEGKIT_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "segkit");
}

/** Datasets that need no folder of the user's, by name. */
const presets = {
  streets: async (signal: AbortSignal): Promise<string> => {
    const scenes = { train: 400, valid: 80, height: 192, width: 256, seed: 1 };
    const folder = join(cacheFolder(), "streets");
    const bar = new ProgressBar("drawing streets {bar} {value}/{total} scenes");
    try {
      await writeStreets(folder, { ...scenes, signal, onProgress: (done, total) => bar.update(done, total) });
    } finally {
      bar.clear();
    }
    return folder;
  },
} satisfies Record<string, (signal: AbortSignal) => Promise<string>>;

/** Opens a preset or a folder and checks every picture and mask, so that no training time is spent on broken data. */
export async function openData(data: string, signal: AbortSignal, output: Output): Promise<SegmentationDataset> {
  const folder = Object.hasOwn(presets, data) ? await presets[data as keyof typeof presets](signal) : data;
  const dataset = await openFolder(folder);
  const bar = new ProgressBar("checking {bar} {value}/{total} pairs");
  const start = performance.now();
  try {
    const { warnings } = await checkDataset(dataset, { onProgress: (done, total) => bar.update(done, total) });
    for (const warning of [...dataset.notes, ...warnings]) output.note(warning);
  } finally {
    bar.clear();
  }
  const { train, valid, classes } = dataset;
  output.line(
    `${folder}: ${train.length} training and ${valid.length} validation pictures, ${classes.length} classes, checked in ${clock((performance.now() - start) / 1000)}`,
  );
  return dataset;
}
