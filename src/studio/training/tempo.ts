import { clock } from "../../util/clock.ts";

/** How fast steps follow each other, all that happens between them included. */
export class Tempo {
  #first = NaN;
  #last = NaN;
  #count = 0;

  /** A step was taken, at a time in milliseconds. */
  step(now: number): void {
    if (this.#count === 0) this.#first = now;
    this.#last = now;
    this.#count++;
  }

  /** Steps a second and the time that so many more will take, in words; nothing before that is known. */
  text(left: number): string {
    if (this.#count < 3) return "";
    const perSecond = (1000 * (this.#count - 1)) / (this.#last - this.#first);
    return `${perSecond.toFixed(1)} steps/s, ${clock(left / perSecond)} left`;
  }
}
