import type { z } from "zod";
import type { OptionSchema } from "./arguments.ts";
import type { Output } from "./output.ts";

/** What a running command works with. */
export interface CommandContext<Schema extends OptionSchema> {
  readonly options: z.infer<Schema>;
  readonly positionals: readonly string[];
  readonly output: Output;
  /** Aborted with an Interrupted error by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** One verb of the command line. */
export interface Command<Schema extends OptionSchema = OptionSchema> {
  readonly summary: string;
  /** What follows the verb, such as "RUN [--data …]". */
  readonly usage: string;
  readonly options: Schema;
  run(context: CommandContext<Schema>): Promise<void>;
}

/*@__NO_SIDE_EFFECTS__*/
export function defineCommand<Schema extends OptionSchema>(command: Command<Schema>): Command<Schema> {
  return command;
}
