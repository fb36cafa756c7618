import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Fault } from "./attempt.ts";
import type { ReaderName } from "./readers/index.ts";

/** An input, by its number, and what is wrong with how it was read. */
export interface Finding {
  readonly index: number;
  readonly fault: Fault;
}

export interface Totals {
  readonly read: number;
  readonly refused: number;
  /** The most that one input took. */
  readonly seconds: number;
  readonly megabytes: number;
}

interface Line {
  readonly index: number;
  readonly fault?: Fault;
  readonly totals?: Totals;
}

export interface Inputs {
  readonly name: ReaderName;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

const program = fileURLToPath(new URL("child.ts", import.meta.url));
/** Linux's folder in memory, which spares the disk. */
const inMemory = "/dev/shm";
/** Seconds at one input after which a child counts as hanging: nothing it is given takes a hundredth. */
const patience = 60;

/** Lets a process read inputs until they are done, or it ends or hangs at one; gives the number of the next input to read. */
export async function watched(
  inputs: Inputs,
  onFinding: (finding: Finding) => void,
): Promise<{ next: number; totals: Totals }> {
  const place = await mkdtemp(join(existsSync(inMemory) ? inMemory : tmpdir(), "segkit-fuzz-"));
  const { name, seed, from, to } = inputs;
  const args = [
    "--expose-gc",
    "--conditions=source",
    "--import",
    "tsx",
    program,
    name,
    String(seed),
    String(from),
    String(to),
    place,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: "1", VIPS_CONCURRENCY: "1" },
  });
  let totals: Totals = { read: 0, refused: 0, seconds: 0, megabytes: 0 };
  let errors = "";
  child.stderr.on("data", (text) => (errors = (errors + String(text)).slice(-2000)));
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if (line.fault !== undefined) onFinding({ index: line.index, fault: line.fault });
    if (line.totals) totals = line.totals;
  });
  let [at, since, hangs] = [-1, Date.now(), false];
  const watch = setInterval(() => {
    const now = placeOf(place);
    if (now !== at) [at, since] = [now, Date.now()];
    else if (Date.now() - since > 1000 * patience) hangs = child.kill("SIGKILL");
  }, 1000);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  clearInterval(watch);
  const index = Math.max(placeOf(place), from);
  await rm(place, { recursive: true, force: true });
  if (code === 0) return { next: to, totals };
  const fault: Fault = hangs
    ? { kind: "hang", text: `it was not done after ${patience} seconds` }
    : { kind: "crash", text: `it ended the process (${signal ?? `code ${code}`}): ${errors}` };
  onFinding({ index, fault });
  return { next: index + 1, totals };
}

function placeOf(folder: string): number {
  try {
    const text = readFileSync(join(folder, "place"), "latin1");
    return text === "" ? -1 : Number(text);
  } catch {
    return -1;
  }
}
