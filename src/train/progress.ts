import type { Batch } from "../data/batch.ts";
import { SmoothLoss, type SmoothLossState } from "../optim/smooth-loss.ts";
import {
  type Callback,
  type EpochResult,
  type Evaluation,
  type FitState,
  inOrder,
  type TrainingStep,
} from "./callback.ts";
import type { FitPlan, FitPosition, StepOutcome } from "./fit.ts";

/** The state of a fit, which callbacks read and act on. */
export class Progress implements FitState {
  epoch: number;
  batch: number;
  loss = NaN;
  lr: readonly number[] = [];
  momentum = NaN;
  lrFactor: number;
  skippedSteps: number;
  /** How many of them came one after the other, up to now. */
  skippedInRow = 0;
  stopped = false;
  /** Whether a fit that was stopped in the middle of an epoch is still to be validated. */
  validates = false;
  skipsValidation = false;
  readonly epochs: number;
  readonly batches: number;
  readonly batchSize: number;
  readonly history: EpochResult[];
  readonly #smooth: SmoothLoss;
  readonly #callbacks: readonly Callback[];
  readonly #total: number;
  readonly #firstPass: number;
  readonly #memoriesBefore: FitPosition["memories"];
  /** Batches of the schedule that are used up, and how many the next one uses up. */
  #scheduled: number;
  #pace: number;

  constructor({ train, epochs, startEpoch, schedule, callbacks, firstPass, lrFactor, from }: FitPlan) {
    this.epoch = from?.epoch ?? startEpoch;
    this.batch = from?.batch ?? 0;
    this.epochs = epochs;
    this.batches = train.length;
    this.batchSize = train.batchSize;
    this.history = [...(from?.history ?? [])];
    this.lrFactor = lrFactor ?? from?.lrFactor ?? 1;
    this.skippedSteps = from?.skippedSteps ?? 0;
    this.#smooth = new SmoothLoss(0.98, from?.smoothLoss);
    this.#callbacks = inOrder(callbacks);
    this.#total = schedule.batches;
    this.#firstPass = from?.firstPass ?? firstPass;
    this.#scheduled = from?.scheduled ?? startEpoch * train.length;
    this.#pace = from?.pace ?? 1;
    this.stopped = from?.stopped ?? false;
    if (from) {
      const last = schedule.at(Math.max(from.scheduled - from.pace, 0));
      [this.lr, this.momentum] = [last.lr.map((rate) => rate * this.lrFactor), last.mom];
    }
    this.#memoriesBefore = from?.memories ?? {};
  }

  /** Gives the callbacks back what they remembered when the fit was interrupted. */
  restore(): void {
    for (const { name, memory } of this.#callbacks)
      if (name && memory) Object.assign(memory, this.#memoriesBefore[name]);
  }

  get smoothLoss(): number {
    return this.#smooth.value;
  }

  get pass(): number {
    return this.#firstPass + this.epoch;
  }

  /** The place in the schedule that the next batch takes. */
  get scheduled(): number {
    return this.#scheduled;
  }

  /** Whether the schedule is gone through before its epochs are. */
  get hurried(): boolean {
    return this.#pace !== 1 && this.#scheduled >= this.#total;
  }

  stop({ validate = false }: { readonly validate?: boolean } = {}): void {
    this.stopped = true;
    this.validates = validate;
  }

  skipValidation(): void {
    this.skipsValidation = true;
  }

  finishWithin(batches: number): void {
    this.#pace = (this.#total - this.#scheduled) / Math.max(batches, 1);
  }

  async tell(event: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) await event(callback);
  }

  /** Tells every callback, whatever the ones before it throw; then throws the first of that. */
  async tellAll(event: (callback: Callback) => void | Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#callbacks)
      try {
        await event(callback);
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }

  readonly tellValidationBatch = (done: number, total: number): void => {
    for (const callback of this.#callbacks) callback.validationBatchEnd?.(done, total);
  };

  /** The step that callbacks may change before it is taken. */
  begin(batch: Batch, lr: readonly number[], momentum: number): TrainingStep {
    const scaled = this.lrFactor === 1 ? lr : lr.map((rate) => rate * this.lrFactor);
    const plain = { mixed: undefined, clip: undefined, accumulate: undefined, average: undefined };
    return { ...{ batch, lr: scaled, momentum, frozenNorms: false }, ...plain };
  }

  record({ loss, skipped }: StepOutcome, { lr, momentum }: TrainingStep): void {
    this.loss = loss;
    this.lr = lr;
    this.momentum = momentum;
    if (!Number.isFinite(loss)) return;
    this.#smooth.add(loss);
    if (skipped) this.skippedSteps++;
    this.skippedInRow = skipped ? this.skippedInRow + 1 : 0;
    this.#scheduled = Math.min(this.#scheduled + this.#pace, this.#total);
  }

  finishEpoch(validation: Evaluation, seconds: number): EpochResult {
    const result = { epoch: this.epoch, trainLoss: this.smoothLoss, validation, seconds };
    this.history.push(result);
    this.validates = false;
    return result;
  }

  nextEpoch(): void {
    this.epoch++;
    this.batch = 0;
    this.skipsValidation = false;
  }

  /** Where the fit stands, some batches on: asked for later, it has what the callbacks have made of it since. */
  position(on = 0): () => FitPosition {
    const finished = this.history.at(-1)?.epoch === this.epoch;
    const [epoch, batch] = finished ? [this.epoch + 1, 0] : [this.epoch, this.batch + on];
    const smoothLoss: SmoothLossState = this.#smooth.state;
    const history = [...this.history];
    const scheduled = this.#scheduled;
    return () => ({
      ...{ epoch, batch, smoothLoss, history, scheduled, firstPass: this.#firstPass },
      ...{ pace: this.#pace, lrFactor: this.lrFactor, skippedSteps: this.skippedSteps, memories: this.#memories() },
      stopped: this.stopped && !this.validates,
    });
  }

  #memories(): Record<string, Record<string, number>> {
    const named = this.#callbacks.flatMap(({ name, memory }) => (name && memory ? [[name, { ...memory }]] : []));
    return Object.fromEntries(named) as Record<string, Record<string, number>>;
  }
}
