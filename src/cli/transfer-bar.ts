import { clock } from "../util/clock.ts";
import type { ProgressBar } from "./progress.ts";

/** Shows on a bar how many megabytes have come, how fast, and how long the rest will take. */
export class TransferBar {
  readonly #bar: Pick<ProgressBar, "update">;
  readonly #now: () => number;
  #phase = "";
  #from = { bytes: 0, time: 0 };

  /** @param now seconds on any clock. */
  constructor(bar: Pick<ProgressBar, "update">, now: () => number = () => performance.now() / 1000) {
    this.#bar = bar;
    this.#now = now;
  }

  /** `done` and `total` in bytes; a phase begins when its text comes for the first time. */
  update(phase: string, done: number, total: number | undefined): void {
    const time = this.#now();
    // A transfer that is begun anew counts from there.
    if (phase !== this.#phase || done < this.#from.bytes) this.#from = { bytes: done, time };
    this.#phase = phase;
    const speed = (done - this.#from.bytes) / (time - this.#from.time);
    const rate = speed > 0 && Number.isFinite(speed) ? `${(speed / 1e6).toFixed(1)} MB/s` : "";
    const left = rate !== "" && total !== undefined ? `${clock((total - done) / speed)} left` : "";
    const places = (total ?? done) < 1e8 ? 1 : 0;
    const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(places));
    const beside = ["MB", rate, left].filter((text) => text !== "").join("  ");
    this.#bar.update(megabytes(done), megabytes(total ?? done), phase, beside);
  }
}
