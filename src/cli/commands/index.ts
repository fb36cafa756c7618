import { predict } from "./predict.ts";
import { train } from "./train.ts";
import { validate } from "./validate.ts";

/** Every verb of the command line, in the order that help lists them. */
export const commands = [train, validate, predict] as const;
