import { messageOf, SegkitError } from "../util/errors.ts";

/** Where a command writes: lines for people, or one JSON object a line for machines. */
export class Output {
  readonly json: boolean;
  readonly #out: (text: string) => void;
  readonly #err: (text: string) => void;

  constructor(json: boolean, out: (text: string) => void, err: (text: string) => void) {
    this.json = json;
    this.#out = out;
    this.#err = err;
  }

  /** A line for people; nothing in JSON mode. */
  line(text: string): void {
    if (!this.json) this.#out(`${text}\n`);
  }

  /** An event for machines; nothing otherwise. */
  event(event: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.json) this.#out(`${JSON.stringify({ event, ...fields })}\n`);
  }

  /** Something a user should know, on standard error. */
  note(text: string): void {
    this.#err(`${text}\n`);
  }

  /** An error as one sentence and its remedy; with `debug` also where it came from. */
  error(error: unknown, debug: boolean): void {
    const hint = error instanceof SegkitError ? error.hint : undefined;
    this.event("error", { message: messageOf(error), hint });
    this.#err(`segkit: ${messageOf(error)}\n${hint === undefined ? "" : `  ${hint}\n`}`);
    if (debug && error instanceof Error) this.#err(`${error.stack}\n`);
  }
}

/** The exit code for anything thrown: 1 for what is not a segkit error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof SegkitError ? error.exitCode : 1;
}
