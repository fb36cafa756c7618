import { Presets, SingleBar } from "cli-progress";

/** A live bar on standard error; silent where that is not a terminal. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;
  #started = false;

  /** @param format the bar's text in cli-progress' format, with `{bar}` and the fields of `update`. */
  constructor(format: string, enabled: boolean = process.stderr.isTTY === true) {
    if (enabled)
      this.#bar = new SingleBar(
        { format, stream: process.stderr, clearOnComplete: true, hideCursor: true },
        Presets.shades_classic,
      );
  }

  update(value: number, total: number, fields: Readonly<Record<string, string | number>> = {}): void {
    if (!this.#bar) return;
    if (!this.#started) this.#bar.start(total, value, fields);
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(value, fields);
  }

  /** Takes the bar off the screen, so that a line can be printed. */
  clear(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }
}
