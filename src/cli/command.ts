import type { z } from "zod";
import { type OptionSchema, type ParsedArguments, parseArguments } from "./arguments.ts";
import type { Output } from "./output.ts";

/** What every command is given by the program around it. */
export interface CommandIo {
  readonly output: Output;
  /** Aborted with an Interrupted error by Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** What a running command works with. */
export type CommandContext<Schema extends OptionSchema> = CommandIo & ParsedArguments<Schema>;

/** A verb as its file defines it. */
export interface CommandDefinition<Schema extends OptionSchema> {
  readonly name: string;
  readonly summary: string;
  /** What follows the verb, such as "RUN [--data …]". */
  readonly usage: string;
  readonly options: Schema;
  run(context: CommandContext<Schema>): Promise<void>;
}

/** One verb of the command line. `run` parses its words before it does anything. */
export interface Command extends Omit<CommandDefinition<z.ZodObject>, "run"> {
  run(argv: readonly string[], io: CommandIo): Promise<void>;
}

/*@__NO_SIDE_EFFECTS__*/
export function defineCommand<Schema extends OptionSchema>(definition: CommandDefinition<Schema>): Command {
  const { name, options } = definition;
  return {
    ...definition,
    run: (argv, io) => definition.run({ ...parseArguments(argv, options, `segkit ${name} --help`), ...io }),
  };
}
