import { damagedCheckpoint } from "./cases/checkpoints.ts";
import { clockBack } from "./cases/clock.ts";
import { divergence } from "./cases/divergence.ts";
import { brokenDisk, forbidden, fullDisk, fullOnce } from "./cases/full-disk.ts";
import { kills } from "./cases/kills.ts";
import { littleMemory, smallHeap } from "./cases/memory.ts";
import { readOnly, smallDisk } from "./cases/own-disk.ts";
import { skipBad, stopAtBad } from "./cases/pictures.ts";
import { signals, twice } from "./cases/signals.ts";
import { engineThread, loaderThread } from "./cases/threads.ts";
import { twoRuns } from "./cases/two-runs.ts";
import type { Fault } from "./fault.ts";

/** The faults that are tried, by their names on the command line. */
export const faults = {
  kills,
  "full-disk": fullDisk,
  "full-once": fullOnce,
  "small-disk": smallDisk,
  "broken-disk": brokenDisk,
  forbidden,
  "read-only": readOnly,
  "little-memory": littleMemory,
  "small-heap": smallHeap,
  "stop-at-bad": stopAtBad,
  "skip-bad": skipBad,
  divergence,
  "loader-thread": loaderThread,
  "engine-thread": engineThread,
  clock: clockBack,
  "two-runs": twoRuns,
  signals,
  "ctrl-c-twice": twice,
  "damaged-checkpoint": damagedCheckpoint,
} satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
