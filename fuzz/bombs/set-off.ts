import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Bomb, Bombs } from "./bomb.ts";
import { commandLines } from "./commands.ts";
import { nameFor } from "./reads.ts";

/** What a bomb did to the process that read it. */
export interface Effect {
  readonly name: string;
  /** 0 where it was read, 1 for an error that is no refusal. */
  readonly exitCode: number;
  readonly message: string;
  /** Of computing, over all threads: on a busy machine it takes longer. */
  readonly seconds: number;
  /** MB that it took beside what the process had then, and had at its start; of a process of its own, all that it had. */
  readonly megabytes: number;
  readonly above: number;
}

const program = fileURLToPath(new URL("child.ts", import.meta.url));

/** A bomb in a folder of its own, as `place` puts it. */
interface Placed extends Bomb {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
}

/** Makes bombs for `use`. Throws where afterwards anything lies where it should not. */
async function placed<T>(bombs: Bombs, use: (list: readonly Placed[]) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), "segkit-bombs-"));
  try {
    const list: Placed[] = [];
    for (const [i, [name, bomb]] of Object.entries(bombs).entries()) {
      const folder = join(root, String(i));
      const path = join(folder, nameFor(bomb.read));
      await mkdir(folder);
      const bytes = await bomb.make(path);
      if (bytes !== undefined) await writeFile(path, bytes);
      list.push({ ...bomb, name, folder, path });
    }
    const result = await use(list);
    const evil = (await readdir(root, { recursive: true })).filter((name) => name.includes("evil"));
    if (evil.length > 0 || existsSync("evil") || existsSync(join(tmpdir(), "segkit-evil")))
      throw new Error(`written where nothing should be: ${evil.join(", ")}`);
    return result;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Lets one process read all of them. Throws where one ends it, or anything lies where it should not. */
export async function setOff(bombs: Bombs): Promise<Effect[]> {
  return placed(bombs, async (list) => {
    const lines = list.map(({ read, path }) => [read, path] as const);
    const effects = await answers(lines, (done) => list[done]?.name ?? "the end");
    return effects.map((effect, i) => ({ ...effect, name: list[i]!.name }));
  });
}

/** Lets the built command line read those that it can be made to read, each in a process of its own. Errors as `setOff`. */
export async function setOffByCommand(bombs: Bombs): Promise<Effect[]> {
  const read = Object.entries(bombs).filter(([, bomb]) => commandLines[bomb.read]);
  return placed(Object.fromEntries(read), async (list) => {
    const effects: Effect[] = [];
    for (const bomb of list) effects.push(await commandEffect(bomb));
    return effects;
  });
}

const usageOf = fileURLToPath(new URL("usage.mjs", import.meta.url));
const segkit = fileURLToPath(new URL("../../bin/segkit.js", import.meta.url));

async function commandEffect({ name, read, path, folder }: Placed): Promise<Effect> {
  const words = await commandLines[read]!(path, folder);
  const usage = join(folder, "usage.json");
  const child = spawn(process.execPath, ["--import", usageOf, segkit, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, USAGE_FILE: usage, SEGKIT_HOME: join(folder, "home") },
  });
  let errors = "";
  child.stderr.on("data", (text) => (errors += String(text)));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  if (code === null) throw new Error(`${name} ended the process (${signal}): ${errors.slice(-2000)}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(await readFile(usage, "utf8")) as NodeJS.ResourceUsage;
  const message = /^segkit: (.*)/m.exec(errors)?.[1] ?? errors;
  const whole = maxRSS / 1024;
  return {
    name,
    exitCode: code,
    message,
    seconds: (userCPUTime + systemCPUTime) / 1e6,
    megabytes: whole,
    above: whole,
  };
}

async function answers(
  list: readonly (readonly [string, string])[],
  nameOf: (lines: number) => string,
): Promise<Omit<Effect, "name">[]> {
  const args = ["--conditions=source", "--import", "tsx", program, JSON.stringify(list)];
  const child = spawn(process.execPath, args, {
    ...{ stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" } },
  });
  const effects: Omit<Effect, "name">[] = [];
  let errors = "";
  child.stderr.on("data", (text) => (errors = (errors + String(text)).slice(-2000)));
  createInterface({ input: child.stdout }).on("line", (line) => effects.push(JSON.parse(line) as Effect));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  if (code === 0) return effects;
  throw new Error(`${nameOf(effects.length)} ended the process (${signal ?? `code ${code}`}): ${errors}`);
}
