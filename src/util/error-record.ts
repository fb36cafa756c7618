import * as errors from "./errors.ts";
import { SegkitError, messageOf } from "./errors.ts";

/** An error as plain data that crosses thread borders (structured cloning drops class and hint). */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
  /** The message of what caused it. */
  readonly cause: string | undefined;
}

type ErrorClass = new (message: string, options?: { hint?: string; cause?: unknown }) => SegkitError;

/** Every error class of segkit by its name. */
const classes = new Map<string, ErrorClass>(
  Object.entries(errors).flatMap(([name, value]) =>
    "prototype" in value && (value === SegkitError || value.prototype instanceof SegkitError)
      ? [[name, value as ErrorClass]]
      : [],
  ),
);

/** Anything thrown, as plain data. */
export function packError(error: unknown): ErrorRecord {
  const cause = error instanceof Error ? error.cause : undefined;
  return {
    name: error instanceof Error ? error.name : "Error",
    message: messageOf(error),
    hint: error instanceof SegkitError ? error.hint : undefined,
    stack: error instanceof Error ? error.stack : undefined,
    cause: cause === undefined ? undefined : messageOf(cause),
  };
}

/** The error again, with its class, exit code, hint and original stack. */
export function unpackError({ name, message, hint, stack, cause }: ErrorRecord): Error {
  const options = {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  };
  const error = new (classes.get(name) ?? SegkitError)(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
