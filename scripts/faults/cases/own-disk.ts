import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import type { Fault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { counted, refusal } from "../promises.ts";
import { judged } from "./full-disk.ts";

/** MB that a run has on its disk at most: two checkpoints, the third, and two files of weights. */
const most = 260;

export const smallDisk: Fault = {
  title: "a disk of its own of a random size, too small for the run",
  promise: "exit code 4 and a sentence that names what is safe; on a larger disk the end is bit-equal",
  async tries(laboratory, random) {
    const broken: string[] = [];
    const ends: string[] = [];
    for (let i = 0; i < Math.ceil(24 / laboratory.stride); i++) {
      const kilobytes = Math.round(random.between(0.05, 1) ** 2 * most * 1024);
      await onDisk(laboratory, `size=${kilobytes}k`, async (folder) => {
        const run = `${folder}/run`;
        const ended = await laboratory.train(run);
        ends.push(`exit code ${ended.code}`);
        remount(laboratory, folder, `size=${2 * most}m`);
        broken.push(...(await judged(laboratory, run, ended)).map((text) => `${kilobytes} kB: ${text}`));
      });
    }
    return { tries: ends.length, broken, outcome: counted(ends) };
  },
};

export const readOnly: Fault = {
  title: "a read-only disk; a folder below a file; a folder whose parents are missing",
  promise: "exit code 4 and a sentence before anything is trained; missing parents are made",
  async tries(laboratory) {
    const broken: string[] = [];
    await onDisk(laboratory, "size=1m", async (folder) => {
      remount(laboratory, folder, "ro");
      const ended = await laboratory.train(`${folder}/run`);
      broken.push(...refusal(ended, 4, /folder \S+ cannot be written: the disk is read-only/));
    });
    const below = await laboratory.train("data/codes.txt/run");
    broken.push(...refusal(below, 4, /folder \S+ cannot be written: part of its path is a file/));
    broken.push(...(await laboratory.goesOn("missing/parents/run")));
    await laboratory.remove("missing");
    return { tries: 3, broken, outcome: "" };
  },
};

/** Does something in a folder that is a disk of its own. */
async function onDisk(laboratory: Laboratory, options: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = laboratory.name();
  await mkdir(laboratory.path(folder));
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", laboratory.path(folder)]);
  try {
    await work(folder);
  } finally {
    execFileSync("umount", [laboratory.path(folder)]);
    await laboratory.remove(folder);
  }
}

function remount(laboratory: Laboratory, folder: string, options: string): void {
  execFileSync("mount", ["-o", `remount,${options}`, laboratory.path(folder)]);
}
