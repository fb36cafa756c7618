import { watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../src/util/random.ts";
import type { Ended, Running } from "../child.ts";
import type { Fault } from "../fault.ts";
import { endOf, type Laboratory } from "../laboratory.ts";
import { counted } from "../promises.ts";
import { isBefore, placeOf } from "../run-state.ts";

export const kills: Fault = {
  title: "`kill -9` at random moments, most of them while files are written",
  promise: "the same command goes on, never further back; the end is bit-equal",
  async tries(laboratory, random) {
    const broken: string[] = [];
    const places: string[] = [];
    let killed = 0;
    let runs = 0;
    for (; killed < laboratory.kills; runs++) {
      const run = laboratory.name();
      const chain = await killedRun(laboratory, run, random, laboratory.kills - killed);
      killed += chain.killed;
      places.push(...chain.places);
      broken.push(...chain.broken.map((text) => `${run}, after ${chain.killed} kills: ${text}`));
      await laboratory.remove(run);
    }
    return {
      tries: killed,
      broken,
      outcome: `${runs} runs; the newest checkpoint then was ${counted(places.toSorted())}`,
    };
  },
};

interface Chain {
  readonly killed: number;
  readonly broken: readonly string[];
  /** The epochs of the newest checkpoints when it was killed. */
  readonly places: readonly string[];
}

/** Kills a run and starts it again until it ends by itself, or was killed often enough. */
async function killedRun(laboratory: Laboratory, run: string, random: Random, most: number): Promise<Chain> {
  const broken: string[] = [];
  // Made before, so that it can be watched from the beginning.
  await mkdir(laboratory.path(run));
  let place: readonly number[] | null = null;
  const places: string[] = [];
  for (let killed = 0; ; killed++) {
    const ended = killed < most ? await struck(laboratory, run, random) : await laboratory.train(run);
    if (ended.signal === "SIGKILL") {
      const now = await placeOf(laboratory.path(run)).catch((error: unknown) => String(error));
      if (typeof now === "string") return { killed, places, broken: [...broken, now] };
      // A run that has done all its work has no checkpoint any more.
      if (isBefore(now, place) && (await laboratory.same(run)).length > 0) broken.push(`${now} came after ${place}`);
      place = now;
      places.push(now === null ? "none" : `of epoch ${now[1]}`);
      continue;
    }
    // Killed between the end of its work and its own.
    const complete = ended.code === 2 && ended.stderr.includes("already holds a run");
    if (ended.code !== 0 && !complete)
      return { killed, places, broken: [...broken, `it cannot be resumed: ${endOf(ended)}`] };
    return { killed, places, broken: [...broken, ...(await laboratory.same(run))] };
  }
}

/** Trains, and kills it after a random time or at a random change of its folder. */
async function struck(laboratory: Laboratory, run: string, random: Random): Promise<Ended> {
  const after = random.chance(0.3) ? random.between(0, 1.1 * 1000 * laboratory.seconds) : null;
  const change = random.integer(300);
  const wait = random.chance(0.5) ? 0 : random.between(0, 20);
  const ended = new AbortController();
  const watcher = watch(laboratory.path(run), { recursive: true });
  // A folder that goes as soon as it has come.
  watcher.on("error", () => {});
  const onStart = (running: Running): void => {
    const kill = (milliseconds: number): void =>
      void sleep(milliseconds, undefined, { signal: ended.signal }).then(
        () => running.kill("SIGKILL", true),
        () => {},
      );
    if (after !== null) kill(after);
    let changes = 0;
    watcher.on("change", () => {
      if (after === null && changes++ === change) kill(wait);
    });
  };
  try {
    return await laboratory.train(run, { onStart });
  } finally {
    ended.abort();
    watcher.close();
  }
}
