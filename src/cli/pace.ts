/**
 * Mean of durations: of all of them at first, later with old ones fading. The first one of all counts only while it is
 * alone, for the cost of getting started is in it.
 */
class Mean {
  #count = 0;
  value = NaN;

  add(seconds: number): void {
    this.#count++;
    if (this.#count <= 2) this.value = seconds;
    else this.value += (seconds - this.value) * Math.max(1 / (this.#count - 1), 0.05);
  }
}

/** What is still to be done. */
export interface Remaining {
  readonly trainBatches: number;
  readonly validBatches: number;
}

/** How fast a fit goes. Times are in seconds, on any clock. */
export class Pace {
  readonly #train = new Mean();
  readonly #valid = new Mean();
  #last: number;

  constructor(now: number) {
    this.#last = now;
  }

  /** Leaves out the time since the last batch: something else was done in it. */
  skip(now: number): void {
    this.#last = now;
  }

  /** A training batch is done. */
  trained(now: number): void {
    this.#train.add(this.#since(now));
  }

  /** A validation batch is done. */
  validated(now: number): void {
    this.#valid.add(this.#since(now));
  }

  /** Time of a training batch; NaN before the first. */
  get trainBatch(): number {
    return this.#train.value;
  }

  /** Time of a validation batch; before the first, a third of a training batch: the forward pass alone. */
  get validBatch(): number {
    return Number.isNaN(this.#valid.value) ? this.trainBatch / 3 : this.#valid.value;
  }

  /** The time that is left. */
  left({ trainBatches, validBatches }: Remaining): number {
    return trainBatches * this.trainBatch + validBatches * this.validBatch;
  }

  #since(now: number): number {
    const seconds = now - this.#last;
    this.#last = now;
    return seconds;
  }
}
