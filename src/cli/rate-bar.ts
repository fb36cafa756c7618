import { clock } from "../util/clock.ts";
import type { ProgressBar } from "./progress.ts";

/** Shows on a bar how many things are done, how many a second, and how long the rest of them will take. */
export class RateBar {
  readonly #bar: Pick<ProgressBar, "update">;
  readonly #now: () => number;
  #what = "";
  #from = { done: 0, time: 0 };

  /** @param now seconds on any clock. */
  constructor(bar: Pick<ProgressBar, "update">, now: () => number = () => performance.now() / 1000) {
    this.#bar = bar;
    this.#now = now;
  }

  /** @param what what is done, such as "checking pictures"; the rate is counted anew when it changes. */
  update(what: string, done: number, total: number): void {
    const time = this.#now();
    if (what !== this.#what || done < this.#from.done) this.#from = { done, time };
    this.#what = what;
    const rate = (done - this.#from.done) / (time - this.#from.time);
    const known = rate > 0 && Number.isFinite(rate);
    const beside = known ? `${speed(rate)}  ${clock((total - done) / rate)} left` : "";
    this.#bar.update(done, total, what, beside);
  }
}

function speed(perSecond: number): string {
  return perSecond < 1 ? `${(1 / perSecond).toFixed(1)} s each` : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
}
