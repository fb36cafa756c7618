import { messageOf, SegkitError } from "../util/errors.ts";
import { printable } from "../util/printable.ts";
import { ProgressBar } from "./progress.ts";

export interface OutputOptions {
  /** One JSON object a line on standard output, instead of lines for people. */
  readonly json: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a live bar can be shown on standard error. */
  readonly terminal: boolean;
}

/** Where a command writes: lines for people, or one JSON object a line for machines. */
export class Output {
  readonly json: boolean;
  readonly #options: OutputOptions;
  readonly #bars: ProgressBar[] = [];

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.#options = options;
  }

  /** A line for people; nothing in JSON mode. */
  line(text: string): void {
    if (this.json) return;
    this.clear();
    this.#options.out(`${printable(text)}\n`);
  }

  /** An event for machines; nothing otherwise. */
  event(event: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.json) this.#options.out(`${JSON.stringify({ event, ...fields })}\n`);
  }

  /** Something a user should know, on standard error. */
  note(text: string): void {
    this.clear();
    this.#options.err(`${printable(text)}\n`);
  }

  /** A live bar, silent without a terminal and in JSON mode. Every line takes it off the screen until its next update. */
  bar(): ProgressBar {
    const bar = new ProgressBar(this.#options.terminal && !this.json);
    this.#bars.push(bar);
    return bar;
  }

  /** Takes the bars off the screen. */
  clear(): void {
    for (const bar of this.#bars) bar.clear();
  }

  /** An error as one sentence and its remedy; with `debug` also where it came from. */
  error(error: unknown, debug: boolean): void {
    const hint = hintOf(error);
    this.event("error", { message: messageOf(error), hint, exitCode: exitCodeOf(error) });
    this.note(`segkit: ${messageOf(error)}${hint === undefined ? "" : `\n  ${hint}`}`);
    if (!debug || !(error instanceof Error)) return;
    this.note(error.stack ?? "");
    if (error.cause !== undefined)
      this.note(`caused by: ${(error.cause instanceof Error && error.cause.stack) || messageOf(error.cause)}`);
  }
}

/** The exit code for anything thrown: 1 for what is not a segkit error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof SegkitError ? error.exitCode : 1;
}

function hintOf(error: unknown): string | undefined {
  if (error instanceof SegkitError && error.hint !== undefined) return error.hint;
  return exitCodeOf(error) === 1 ? "This is a fault of segkit. Please report it with what --debug prints." : undefined;
}
