import { readFile } from "node:fs/promises";
import type { DiskCall, DiskFault } from "../../../test/support/faulty-disk.ts";
import type { Ended } from "../child.ts";
import type { Fault, Tried } from "../fault.ts";
import { endOf, type Laboratory } from "../laboratory.ts";
import { preload } from "../preload.ts";
import { counted, refusal, saysWhatIsSafe } from "../promises.ts";

const promise = "exit code 4 and a sentence that names what is safe; with space again the end is bit-equal";

export const fullDisk: Fault = {
  title: "the disk is full, from any call on that writes",
  promise,
  tries: (laboratory) => atEveryCall(laboratory, { code: "ENOSPC", always: true }),
};

export const fullOnce: Fault = {
  title: "the disk is full at any one call that writes",
  promise: "as before, or a warning and a bit-equal end",
  tries: (laboratory) => atEveryCall(laboratory, { code: "ENOSPC" }),
};

export const brokenDisk: Fault = {
  title: "writing fails with EIO, from any call on",
  promise,
  tries: (laboratory) => atEveryCall(laboratory, { code: "EIO", always: true }),
};

export const forbidden: Fault = {
  title: "writing fails with EACCES, from any call on",
  promise,
  tries: (laboratory) => atEveryCall(laboratory, { code: "EACCES", always: true }),
};

/** Lets runs fail at one call after the other. */
async function atEveryCall(laboratory: Laboratory, kind: Pick<DiskFault, "code" | "always">): Promise<Tried> {
  const broken: string[] = [];
  const ends: string[] = [];
  const sound = await onFaultyDisk(laboratory, "sound", { at: -1 });
  await laboratory.remove("sound");
  for (const at of callsToTry(sound.disk.calls).filter((_, i) => i % laboratory.stride === 0)) {
    const run = laboratory.name();
    const { ended, disk } = await onFaultyDisk(laboratory, run, { ...kind, at });
    // Training and writing go side by side: the last calls are not made in every run.
    if (disk.failed === 0) {
      await laboratory.remove(run);
      continue;
    }
    ends.push(`exit code ${ended.code}`);
    const wrong = (await judged(laboratory, run, ended)).map((text) => `call ${at} (${disk.calls[at]}): ${text}`);
    laboratory.tell([`call ${at}: exit code ${ended.code}`, ...wrong].join("\n"));
    broken.push(...wrong);
    await laboratory.remove(run);
  }
  return { tries: ends.length, broken, outcome: counted(ends) };
}

/** Which calls are to fail: all, but of many writes in a row only the first, the last and every tenth. */
function callsToTry(calls: readonly DiskCall[]): number[] {
  const writes = (at: number): boolean => calls[at] === "write";
  return [...calls.keys()].filter((at) => at % 10 === 0 || !(writes(at - 1) && writes(at) && writes(at + 1)));
}

/** What is wrong with how a run ended on a disk that failed, and with how it goes on afterwards. */
export async function judged(laboratory: Laboratory, run: string, ended: Ended): Promise<string[]> {
  if (ended.code === 0) return laboratory.same(run);
  // Before the first batch there is nothing that could be lost.
  const texts = ended.stdout.includes('"event":"batch"') ? [saysWhatIsSafe] : [];
  return [...refusal(ended, 4, ...texts), ...(await laboratory.goesOn(run))];
}

interface Told {
  readonly calls: readonly DiskCall[];
  readonly failed: number;
}

async function onFaultyDisk(
  laboratory: Laboratory,
  run: string,
  kind: Omit<DiskFault, "folder">,
): Promise<{ readonly ended: Ended; readonly disk: Told }> {
  const told = laboratory.path("told.json");
  const fault = { ...kind, folder: laboratory.path(run), told };
  await laboratory.remove("told.json");
  const ended = await laboratory.train(run, preload("disk", fault));
  const text = await readFile(told, "utf8").catch(() => null);
  if (text === null) throw new Error(`the faulty disk was not there: ${endOf(ended)}`);
  return { ended, disk: JSON.parse(text) as Told };
}
