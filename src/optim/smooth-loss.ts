/** Where a smoothed loss stands, to continue it later. */
export interface SmoothLossState {
  readonly average: number;
  readonly count: number;
}

/** Running mean of the training loss that forgets old batches and is unbiased from the first one on (Adam's correction). */
export class SmoothLoss {
  readonly beta: number;
  #average: number;
  #count: number;

  /** @param beta share of the past kept at each batch, in [0, 1). */
  constructor(beta = 0.98, { average, count }: SmoothLossState = { average: 0, count: 0 }) {
    this.beta = beta;
    this.#average = average;
    this.#count = count;
  }

  /** Takes in one batch's loss and returns the smoothed loss. */
  add(loss: number): number {
    this.#average = this.beta * this.#average + (1 - this.beta) * loss;
    this.#count++;
    return this.value;
  }

  /** The smoothed loss; NaN before the first batch. */
  get value(): number {
    return this.#average / (1 - this.beta ** this.#count);
  }

  get state(): SmoothLossState {
    return { average: this.#average, count: this.#count };
  }
}
