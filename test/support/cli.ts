import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

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

export interface RunningCli {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Goes away as a reader of its standard output. */
  readonly closeOutput: () => void;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Told every line of standard output as it comes, with the running process. */
  readonly onLine?: (line: string, process: RunningCli) => void;
}

const atOnce = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs the built command line, at most two at a time. */
export async function segkit(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  if (!existsSync(path("dist/cli/main.js"))) throw new Error("the command line is not built: run npm run build first");
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await run(args, options);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function run(args: readonly string[], { cwd, env = {}, onLine }: CliOptions): Promise<CliResult> {
  const child = spawn(process.execPath, [path("bin/segkit.js"), ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
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
