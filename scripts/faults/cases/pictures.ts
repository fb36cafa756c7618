import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ended } from "../child.ts";
import type { Fault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { counted, refusal } from "../promises.ts";

/** What happens to a file. */
const spoils: Readonly<Record<string, (file: string) => void>> = {
  vanishes: (file) => rmSync(file),
  "is cut": (file) => truncateSync(file, 100),
  "is garbage": (file) => writeFileSync(file, "garbage"),
};

export const stopAtBad: Fault = {
  title: "pictures that vanish, are cut or turn to garbage during training; `--on-bad stop`",
  promise: "exit code 3 or 7 and a sentence that names the file; put back, the end is bit-equal",
  async tries(laboratory) {
    const broken: string[] = [];
    const ends: (number | null)[] = [];
    for (const folder of ["images", "labels"])
      for (const [what, spoil] of Object.entries(spoils)) {
        const run = laboratory.name();
        const { data, sound, ended } = await spoilt(laboratory, run, folder, spoil, []);
        ends.push(ended.code);
        const wrong = refusal(
          ended,
          [3, 7],
          /street_00000/,
          /--resume --out \S+; --on-bad skip leaves such pictures out/,
        );
        await cp(sound, data, { recursive: true, force: true });
        const again = await laboratory.goesOn(run, ["--data", data]);
        broken.push(...[...wrong, ...again.filter(isOfRun)].map((text) => `${folder}, ${what}: ${text}`));
        await laboratory.remove(run, data, sound);
      }
    return { tries: ends.length, broken, outcome: counted(ends) };
  },
};

export const skipBad: Fault = {
  title: "the same with `--on-bad skip`, once below and once above `--max-bad`",
  promise: "goes on without them to the end; above, exit code 3; bad.csv names them both times",
  async tries(laboratory) {
    const broken: string[] = [];
    const ends: (number | null)[] = [];
    for (const most of [1, 0])
      for (const [what, spoil] of Object.entries(spoils)) {
        const run = laboratory.name();
        const more = ["--on-bad", "skip", "--max-bad", String(most)];
        const { data, sound, ended } = await spoilt(laboratory, run, "images", spoil, more);
        ends.push(ended.code);
        const wrong =
          most === 0 ? refusal(ended, 3, /at most 0 may be left out/) : ended.code === 0 ? [] : [ended.stderr];
        const listed = await readFile(laboratory.path(run, "bad.csv"), "utf8").catch(() => "");
        if (!listed.includes("street_00000")) wrong.push(`bad.csv does not name it: ${listed}`);
        broken.push(...wrong.map((text) => `${what}, at most ${most}: ${text}`));
        await laboratory.remove(run, data, sound);
      }
    return { tries: ends.length, broken, outcome: counted(ends) };
  },
};

/** Whether a difference is not only the name of the dataset in args.yaml. */
function isOfRun(text: string): boolean {
  return !/^(args\.yaml|dataset\.json) is not/.test(text);
}

/** Trains on data of its own, whose first picture or mask is spoilt after the first batch, with a copy of what it was. */
async function spoilt(
  laboratory: Laboratory,
  run: string,
  folder: string,
  spoil: (file: string) => void,
  more: readonly string[],
): Promise<{ readonly data: string; readonly sound: string; readonly ended: Ended }> {
  const data = await laboratory.data(laboratory.name());
  const sound = `${data}-sound`;
  await cp(data, sound, { recursive: true });
  const [first] = (await readdir(join(data, folder))).toSorted();
  let done = false;
  const onLine = (line: string): void => {
    if (done || !line.includes('"event":"batch"')) return;
    done = true;
    spoil(join(data, folder, first!));
  };
  return { data, sound, ended: await laboratory.train(run, { onLine }, ["--data", data, ...more]) };
}
