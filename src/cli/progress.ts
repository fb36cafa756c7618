import { SingleBar } from "cli-progress";

/** What stands beside a bar. */
interface Beside {
  readonly before: string;
  readonly after: string;
}

/** A live bar on standard error, no wider than the terminal. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;
  #started = false;

  /** @param enabled false for a bar that is never shown. */
  constructor(enabled: boolean) {
    if (!enabled) return;
    this.#bar = new SingleBar({
      format: (_, { value, total }, { before, after }: Beside) =>
        barLine({ value, total, before, after, columns: process.stderr.columns || 80 }),
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    });
  }

  /** Shows `before`, a bar, how much of `total` is done, and `after`. */
  update(value: number, total: number, before: string, after = ""): void {
    if (!this.#bar) return;
    const beside: Beside = { before, after };
    if (!this.#started) this.#bar.start(total, value, beside);
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(value, beside);
  }

  /** Takes the bar off the screen, so that a line can be printed. */
  clear(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }
}

export interface BarLine extends Beside {
  readonly value: number;
  readonly total: number;
  /** Width of the terminal. */
  readonly columns: number;
}

/** One line that fits the terminal: the bar takes what the texts leave, up to 30 columns. */
export function barLine({ value, total, before, after, columns }: BarLine): string {
  const count = `${String(value).padStart(String(total).length)}/${total}`;
  const room = columns - 1 - [before, count, after].join("  ").length;
  const width = Math.min(Math.max(room - 2, 0), 30);
  const full = Math.round((total > 0 ? Math.min(value / total, 1) : 0) * width);
  const bar = width < 4 ? [] : ["█".repeat(full) + "░".repeat(width - full)];
  return [before, ...bar, count, after]
    .filter((part) => part !== "")
    .join("  ")
    .slice(0, columns - 1);
}
