import { createRequire } from "node:module";
import { closeOtherLoaders } from "../data/read-picture.node.ts";
import { ConfigError } from "../util/errors.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { explainMemory } from "./memory.ts";
import { nearest } from "../util/nearest.ts";
import { exitCodeOf, Output, type OutputOptions } from "./output.ts";

/** Where a command line runs: what it writes to, and what ends it. */
export interface Surroundings extends Omit<OutputOptions, "json"> {
  readonly signal: (output: Output) => AbortSignal;
}

/** Runs the command line and returns its exit code. `argv` starts with the command's name. */
export async function main(argv: readonly string[], surroundings = thisProcess()): Promise<number> {
  const [name, ...rest] = argv;
  const { signal, ...streams } = surroundings;
  const output = new Output({ ...streams, json: rest.some((word) => /^--json(=true)?$|^json=true$/.test(word)) });
  try {
    const text = informationFor(name, rest);
    if (text === undefined) await commandNamed(name ?? "").run(rest, { output, signal: signal(output) });
    else streams.out(`${text}\n`);
    return 0;
  } catch (thrown) {
    const error = explainMemory(thrown);
    output.error(error, rest.includes("--debug"));
    return exitCodeOf(error);
  } finally {
    output.clear();
  }
}

/** What to print where no command is to be run: the version or a help text. */
function informationFor(name: string | undefined, rest: readonly string[]): string | undefined {
  if (name === "--version" || name === "-v") return `segkit ${version()}`;
  if (name === undefined || name === "--help" || name === "-h") return generalHelp(commands);
  if (name === "help") return rest[0] === undefined ? generalHelp(commands) : commandHelp(commandNamed(rest[0]));
  return rest.includes("--help") || rest.includes("-h") ? commandHelp(commandNamed(name)) : undefined;
}

function commandNamed(name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  const names = commands.map((each) => each.name);
  const meant = nearest(name, names);
  throw new ConfigError(`unknown command ${name}`, {
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${names.join(", ")}.`,
  });
}

function thisProcess(): Surroundings {
  closeOtherLoaders();
  return {
    out: write(process.stdout),
    err: write(process.stderr),
    terminal: process.stderr.isTTY && process.env.TERM !== "dumb",
    signal: interruptSignal,
  };
}

function write(stream: NodeJS.WriteStream): (text: string) => void {
  // A reader that went away, as in `segkit … | head`, must not end a training.
  stream.on("error", () => {});
  return (text) => void stream.write(text);
}

function version(): string {
  const { version } = createRequire(import.meta.url)("segkit/package.json") as { version: string };
  return version;
}
