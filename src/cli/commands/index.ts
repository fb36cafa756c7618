import { predict } from "./predict.ts";
import { train } from "./train.ts";
import { validate } from "./validate.ts";

/** Every verb of the command line. */
export const commands = { train, validate, predict } as const;

export type CommandName = keyof typeof commands;
