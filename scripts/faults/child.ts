import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/segkit.js", import.meta.url));

/** How a process ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** A running process with all that it has started. */
export interface Running {
  readonly pid: number;
  /** Sends a signal to it alone, or, where `all`, to the processes it has started too. Nothing happens to one that has ended. */
  readonly kill: (signal: NodeJS.Signals, all?: boolean) => void;
}

export interface ChildOptions {
  readonly cwd: string;
  /** Options of Node itself, such as a program that is loaded first. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Most bytes of memory that the system gives it, beside files (RLIMIT_DATA). */
  readonly memory?: number;
  /** Told once that it runs. */
  readonly onStart?: (running: Running) => void;
  /** Told every line of its standard output. */
  readonly onLine?: (line: string, running: Running) => void;
}

/** Runs the built command line as a process with a group of its own. One that takes ten minutes is ended: a wait without end. */
export function segkit(args: readonly string[], options: ChildOptions): Promise<Ended> {
  const { cwd, node = [], env = {}, memory, onStart, onLine } = options;
  const command = [process.execPath, ...node, bin, ...args];
  const [program, ...rest] = memory === undefined ? command : ["prlimit", `--data=${memory}`, ...command];
  const start = performance.now();
  const child = spawn(program!, rest, {
    ...{ cwd, detached: true, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  const running: Running = {
    pid: child.pid!,
    kill(signal, all = false) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (all) process.kill(-child.pid!, signal);
      else child.kill(signal);
    },
  };
  onStart?.(running);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    onLine?.(line, running);
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const clock = setTimeout(() => {
    stderr += "(it did not end)\n";
    running.kill("SIGKILL", true);
  }, 600_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(clock);
      const seconds = (performance.now() - start) / 1000;
      resolve({ code, signal, stdout: lines.join("\n"), stderr, seconds });
    });
  });
}
