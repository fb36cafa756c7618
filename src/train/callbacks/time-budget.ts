import { requireOption } from "./require-option.ts";
import type { Callback, FitState } from "../callback.ts";

export interface TimeBudgetOptions {
  /** Minutes that the fit may take, its validations included. */
  readonly minutes: number;
  /** The time in milliseconds, on any clock. */
  readonly now?: () => number;
}

/** The share of the past in the running mean of a batch's time. */
const fade = 0.9;

/**
 * Ends the fit in time. Where the batches that are left would take too long, the rest of the schedule is gone through
 * in as many as there is time for, so that the learning rate still comes down; then follow validation and the end.
 * @example await learner.fitOneCycle(20, slice(1e-3), { callbacks: [new TimeBudget({ minutes: 30 })] });
 */
export class TimeBudget implements Callback {
  readonly name = "timeBudget";
  /** Seconds used up, of a batch, and of a validation. */
  memory = { used: 0, batch: NaN, validation: NaN };
  readonly #seconds: number;
  readonly #now: () => number;
  #last = 0;
  #validatedAt: number | undefined;
  #first = true;

  /** Throws a ConfigError for minutes that are not above 0. */
  constructor({ minutes, now = () => performance.now() }: TimeBudgetOptions) {
    requireOption("TimeBudget", "minutes", minutes, "a number above 0", minutes > 0);
    this.#seconds = minutes * 60;
    this.#now = now;
  }

  fitStart(): void {
    this.memory = { used: 0, batch: NaN, validation: NaN };
    this.#last = this.#now();
    this.#first = true;
  }

  epochStart(): void {
    this.#spend();
  }

  batchEnd(state: FitState): void {
    const seconds = this.#spend();
    // In the first batch of all is the time that its program took to make.
    if (!this.#first || state.batches * state.epochs === 1)
      this.memory.batch = Number.isNaN(this.memory.batch) ? seconds : fade * this.memory.batch + (1 - fade) * seconds;
    this.#first = false;
    if (!Number.isNaN(this.memory.batch)) this.#plan(state);
  }

  validationStart(): void {
    this.#spend();
    this.#validatedAt = this.memory.used;
  }

  epochEnd(): void {
    this.#spend();
    if (this.#validatedAt !== undefined) this.memory.validation = this.memory.used - this.#validatedAt;
  }

  #plan(state: FitState): void {
    const { batch: perBatch } = this.memory;
    // Until the first validation: the forward pass alone, over a validation set a quarter of the training set.
    const validation = Number.isNaN(this.memory.validation) ? (perBatch * state.batches) / 12 : this.memory.validation;
    const left = this.#seconds - this.memory.used;
    const batches = (state.epochs - state.epoch) * state.batches - state.batch - 1;
    const needed = batches * perBatch + (state.epochs - state.epoch) * validation;
    if (needed <= left) return;
    const affordable = Math.floor((left - validation) / (perBatch + validation / state.batches));
    if (affordable < 1) state.stop({ validate: true });
    else state.finishWithin(affordable);
  }

  /** Takes the time since the last event; returns it. */
  #spend(): number {
    const now = this.#now();
    const seconds = (now - this.#last) / 1000;
    this.#last = now;
    this.memory.used += seconds;
    return seconds;
  }
}
