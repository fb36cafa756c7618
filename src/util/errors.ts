/** What every segkit error has: a one-sentence message, a remedy, and the exit code the command line leaves with. */
export class SegkitError extends Error {
  /** What the user can do about it. */
  readonly hint: string | undefined;
  /** The process exit code of the command line (see README, "Exit codes"). */
  readonly exitCode: number = 1;

  /** An error with its message; `hint` says what the user can do, `cause` what was thrown before. */
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** Names that a message quotes from a file may be of any length. */
const longestMessage = 4000;

function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

/** Operands whose shapes or dtypes do not fit: `operator: expected …, but received …`. */
export class ShapeError extends SegkitError {}

/** A gradient was asked of something that has none. */
export class GradientError extends SegkitError {}

/** A wrong option, name or combination of options. */
export class ConfigError extends SegkitError {
  override readonly exitCode = 2;
}

/** A dataset that cannot be trained on as it is. */
export class DataError extends SegkitError {
  override readonly exitCode = 3;
}

/** Out of memory or disk, or a folder that cannot be written. */
export class ResourceError extends SegkitError {
  override readonly exitCode = 4;
}

/** The loss is no longer a finite number. */
export class DivergedError extends SegkitError {
  override readonly exitCode = 5;
}

/** A quality gate such as `--min-miou` was not reached. */
export class QualityError extends SegkitError {
  override readonly exitCode = 6;
}

/** A file that is damaged or not what it claims to be. */
export class CorruptFileError extends SegkitError {
  override readonly exitCode = 7;
}

/** A file that is larger than is read, or would unpack to more. */
export class OversizeError extends CorruptFileError {}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The user or the system asked to stop; what was done so far is kept. */
export class Interrupted extends SegkitError {
  override readonly exitCode: number;

  /** An interruption by a signal, whose exit code it takes. */
  constructor(signal: keyof typeof signalCodes) {
    super(`interrupted by ${signal}`);
    this.exitCode = signalCodes[signal];
  }
}
