import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Bombs } from "./bomb.ts";
import { nameFor } from "./reads.ts";

/** What a bomb did to the process that read it. */
export interface Effect {
  readonly name: string;
  /** 0 where it was read, 1 for an error that is no refusal. */
  readonly exitCode: number;
  readonly message: string;
  /** Of computing, over all threads: on a busy machine it takes longer. */
  readonly seconds: number;
  /** MB that it took beside what the process had then, and had at its start. */
  readonly megabytes: number;
  readonly above: number;
}

const program = fileURLToPath(new URL("child.ts", import.meta.url));

/** Lets one process read all of them. Throws where one ends it, or anything lies where it should not. */
export async function setOff(bombs: Bombs): Promise<Effect[]> {
  const root = await mkdtemp(join(tmpdir(), "segkit-bombs-"));
  try {
    const list: [string, string][] = [];
    for (const [i, { read, make }] of Object.values(bombs).entries()) {
      const path = join(root, String(i), nameFor(read));
      await mkdir(join(root, String(i)));
      const bytes = await make(path);
      if (bytes !== undefined) await writeFile(path, bytes);
      list.push([read, path]);
    }
    const names = Object.keys(bombs);
    const effects = await answers(list, (lines) => names[lines] ?? "the end");
    const evil = (await readdir(root, { recursive: true })).filter((name) => name.includes("evil"));
    if (evil.length > 0 || existsSync("evil") || existsSync(join(tmpdir(), "segkit-evil")))
      throw new Error(`written where nothing should be: ${evil.join(", ")}`);
    return effects.map((effect, i) => ({ ...effect, name: names[i]! }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
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
