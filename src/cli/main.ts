import { createRequire } from "node:module";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { ConfigError, Interrupted } from "../util/errors.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { exitCodeOf, Output } from "./output.ts";

const common = z.object({
  json: z.boolean().default(false),
  debug: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** Runs the command line and returns its exit code. `argv` starts with the command's name. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  let output = new Output(rest.includes("--json"), write(process.stdout), write(process.stderr));
  try {
    if (name === "--version" || name === "-v") return show(`segkit ${version()}`);
    if (name === undefined || name === "help" || name === "--help" || name === "-h")
      return show(generalHelp(commands as never));
    const command = commandNamed(name);
    if (rest.includes("--help") || rest.includes("-h")) return show(commandHelp(name, command));
    const schema = command.options.extend(common.shape);
    const { options, positionals } = parseArguments(rest, schema);
    output = new Output(options.json === true, write(process.stdout), write(process.stderr));
    await command.run({ options, positionals, output, signal: interruptSignal() } as never);
    return 0;
  } catch (error) {
    output.error(error, argv.includes("--debug"));
    return exitCodeOf(error);
  }
}

function commandNamed(name: string): Command {
  // The table's commands differ in their options, which only the command itself looks at.
  if (Object.hasOwn(commands, name)) return commands[name as keyof typeof commands] as unknown as Command;
  const names = Object.keys(commands);
  throw new ConfigError(`unknown command ${name}`, {
    hint: `Did you mean ${closest(name, names)}? There are: ${names.join(", ")}.`,
  });
}

/** Aborted by the first Ctrl-C or SIGTERM; the second one leaves at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => {
      const reason = new Interrupted(name);
      if (controller.signal.aborted) process.exit(reason.exitCode);
      process.stderr.write("\nstopping after this batch; press Ctrl-C again to leave at once\n");
      controller.abort(reason);
    });
  return controller.signal;
}

const write =
  (stream: NodeJS.WriteStream) =>
  (text: string): void =>
    void stream.write(text);

function show(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function version(): string {
  return (createRequire(import.meta.url)("segkit/package.json") as { version: string }).version;
}
