import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as mainModule from "../../src/cli/main.ts";

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** A line of `--json`. */
export type CliEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export interface CliResult {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Main = typeof mainModule;

export interface RunningCli {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Goes away as a reader of its standard output. */
  readonly closeOutput: () => void;
}

/** What befalls a process as soon as it has printed certain lines, however busy the test is: `fate.mjs`. */
export interface Fate {
  /** How many of them; default 1. */
  readonly lines?: number;
  /** Which ones; default all. */
  readonly like?: RegExp;
  /** Signals it gets, 50 ms apart. */
  readonly signals?: readonly NodeJS.Signals[];
  /** A folder that is taken away, with an empty file in its place. */
  readonly fileFor?: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly fate?: Fate;
  /** Told every line of standard output as it comes, with the running process. */
  readonly onLine?: (line: string, process: RunningCli) => void;
}

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the built command line inside this process, which takes a tenth of the time of a process of its own. One after the
 * other, since a process has one working directory.
 */
export function segkitHere(args: readonly string[], options: HereOptions = {}): Promise<CliResult> {
  const result = before.then(() => runHere(args, options));
  before = result.catch(() => {});
  return result;
}

export interface HereOptions {
  readonly cwd?: string;
  /** Told every text of standard output as it comes. */
  readonly onText?: (text: string) => void;
}

async function runHere(args: readonly string[], { cwd = process.cwd(), onText }: HereOptions): Promise<CliResult> {
  const { main } = (await import(pathToFileURL(built()).href)) as Main;
  const home = process.cwd();
  let stdout = "";
  let stderr = "";
  process.chdir(cwd);
  try {
    const code = await main(args, {
      out: (text) => {
        stdout += text;
        onText?.(text);
      },
      err: (text) => void (stderr += text),
      terminal: false,
      signal: () => new AbortController().signal,
    });
    return { code, signal: null, stdout: stdout.replace(/\n$/, ""), stderr };
  } finally {
    process.chdir(home);
  }
}

function built(): string {
  const main = path("dist/cli/main.js");
  if (!existsSync(main)) throw new Error("the command line is not built: run npm run build first");
  return main;
}

const atOnce = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs the built command line, at most two at a time. */
export async function segkit(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  built();
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await run(args, options);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function run(args: readonly string[], { cwd, env = {}, fate, onLine }: CliOptions): Promise<CliResult> {
  const preload = fate && ["--import", new URL("fate.mjs", import.meta.url).href];
  const child = spawn(process.execPath, [...(preload ?? []), path("bin/segkit.js"), ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...(fate && { FATE: JSON.stringify({ ...fate, like: fate.like?.source }) }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    onLine?.(line, {
      kill: (signal) => void child.kill(signal),
      closeOutput: () => void child.stdout.destroy(),
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout: lines.join("\n"), stderr }));
  });
}

/** The lines that `--json` printed. Throws when one of them is no JSON. */
export function eventsOf({ stdout }: Pick<CliResult, "stdout">): CliEvent[] {
  return stdout.split("\n").map((line) => JSON.parse(line) as CliEvent);
}
