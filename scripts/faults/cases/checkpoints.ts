import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../../../src/util/random.ts";
import type { Fault } from "../fault.ts";
import { endOf, type Laboratory } from "../laboratory.ts";
import { refusal } from "../promises.ts";

type Damage = (file: string, bytes: Buffer, random: Random) => Promise<void>;

const damages: Readonly<Record<string, Damage>> = {
  "is cut": (file, bytes, random) => truncate(file, random.integer(bytes.length)),
  "has a bit turned": (file, bytes, random) => {
    const at = random.integer(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.integer(8));
    return writeFile(file, bytes);
  },
  "is empty": (file) => truncate(file, 0),
};

export const damagedCheckpoint: Fault = {
  title: "the newest checkpoint or its manifest is cut, emptied or has a bit turned; both checkpoints are",
  promise: "the one before is taken, which is said, and the end is bit-equal; for both, exit code 7",
  async tries(laboratory, random) {
    const broken: string[] = [];
    let tries = 0;
    for (const [what, damage] of Object.entries(damages))
      for (const ending of [".safetensors", ".json"]) {
        tries++;
        const run = laboratory.name();
        const [, newest] = await stoppedRun(laboratory, run, ending);
        await damage(newest!, await readFile(newest!), random);
        const ended = await laboratory.train(run);
        const wrong = ended.code === 0 ? await laboratory.same(run) : [endOf(ended)];
        if (!/is damaged|cannot be read/.test(ended.stderr)) wrong.push(`nothing is said: ${endOf(ended)}`);
        broken.push(...wrong.map((text) => `${ending} ${what}: ${text}`));
        await laboratory.remove(run);
      }
    const run = laboratory.name();
    for (const file of await stoppedRun(laboratory, run, ".safetensors")) await truncate(file, 1000);
    broken.push(...refusal(await laboratory.train(run), 7, /none of the 2 checkpoints can be read/));
    await laboratory.remove(run);
    return { tries: tries + 1, broken, outcome: "" };
  },
};

/** Stops a run when it has two checkpoints; gives their files of a kind, the older first. */
async function stoppedRun(laboratory: Laboratory, run: string, ending: string): Promise<string[]> {
  const folder = laboratory.path(run, "checkpoints");
  let batches = 0;
  await laboratory.train(run, {
    onLine: (line, { kill }) => {
      // A second signal would end it at once.
      if (line.includes('"event":"batch"') && batches++ === 6) kill("SIGTERM");
    },
  });
  const files = (await readdir(folder)).filter((name) => name.endsWith(ending)).toSorted();
  if (files.length !== 2) throw new Error(`two checkpoints were expected, not ${files.join(", ")}`);
  return files.map((name) => join(folder, name));
}
