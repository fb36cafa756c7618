import { createRequire } from "node:module";
import { ConfigError } from "../util/errors.ts";
import type { Command } from "./command.ts";
import { allCommands, type CommandName, commands } from "./commands/index.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { interruptSignal } from "./interrupt.ts";
import { explainMemory } from "./memory.ts";
import { nearest } from "../util/nearest.ts";
import { exitCodeOf, Output, type OutputOptions } from "./output.ts";

/** Where a command line runs: what it writes to, and what ends it. */
export interface Surroundings extends Omit<OutputOptions, "json"> {
  readonly signal: (output: Output) => AbortSignal;
  /** Done before a command runs. */
  readonly prepare?: () => Promise<void>;
}

/** Runs the command line and returns its exit code. `argv` starts with the command's name. */
export async function main(argv: readonly string[], surroundings = thisProcess()): Promise<number> {
  const [name, ...rest] = argv;
  const { signal, prepare, ...streams } = surroundings;
  const output = new Output({ ...streams, json: rest.some((word) => /^--json(=true)?$|^json=true$/.test(word)) });
  try {
    const text = await informationFor(name, rest);
    if (text === undefined) {
      const command = await commandNamed(name ?? "");
      await prepare?.();
      await command.run(rest, { output, signal: signal(output) });
    } else streams.out(`${text}\n`);
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
async function informationFor(name: string | undefined, rest: readonly string[]): Promise<string | undefined> {
  if (name === "--version" || name === "-v") return `segkit ${version()}`;
  if (name === undefined || name === "--help" || name === "-h") return generalHelp(await allCommands());
  if (name === "help")
    return rest[0] === undefined ? generalHelp(await allCommands()) : commandHelp(await commandNamed(rest[0]));
  return rest.includes("--help") || rest.includes("-h") ? commandHelp(await commandNamed(name)) : undefined;
}

async function commandNamed(name: string): Promise<Command> {
  if (Object.hasOwn(commands, name)) return commands[name as CommandName]();
  const names = Object.keys(commands);
  const meant = nearest(name, names);
  throw new ConfigError(`unknown command ${name}`, {
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${names.join(", ")}.`,
  });
}

function thisProcess(): Surroundings {
  return {
    out: write(process.stdout),
    err: write(process.stderr),
    terminal: process.stderr.isTTY && process.env.TERM !== "dumb",
    signal: interruptSignal,
    // Reading pictures takes a library that takes time to load: not for a help text.
    prepare: async () => (await import("../data/read-picture.node.ts")).closeOtherLoaders(),
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
