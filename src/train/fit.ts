import type { Batch } from "../data/batch.ts";
import type { BatchLoader } from "../data/databunch.ts";
import type { BatchHyper, Schedule } from "../optim/schedule.ts";
import { SmoothLoss, type SmoothLossState } from "../optim/smooth-loss.ts";
import type { Callback, EpochResult, Evaluation, FitState } from "./callback.ts";

/** Where a fit stands between two batches: with the weights and the optimizer's state, all it takes to continue. */
export interface FitPosition {
  readonly epoch: number;
  readonly batch: number;
  readonly smoothLoss: SmoothLossState;
  readonly history: readonly EpochResult[];
}

/** What is trained: one step on a batch, giving the loss before it, and a run over the validation set. */
export interface Trainee {
  step(batch: Batch, hyper: BatchHyper): Promise<number>;
  validate(onBatch: (done: number, total: number) => void): Promise<Evaluation>;
  /** Told after every change of where the fit stands. */
  reached(position: FitPosition): void;
}

export interface FitPlan {
  readonly train: BatchLoader;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | undefined;
  readonly from: FitPosition | undefined;
}

/** Trains: all batches of all epochs, each epoch followed by validation, the callbacks told of everything. */
export async function fit(trainee: Trainee, plan: FitPlan): Promise<void> {
  const { epochs } = plan;
  const progress = new Progress(plan);
  let failure: unknown;
  trainee.reached(progress.position());
  try {
    await progress.tell((callback) => callback.fitStart?.(progress));
    for (; progress.epoch < epochs && !progress.stopped; progress.nextEpoch()) {
      const start = performance.now();
      await progress.tell((callback) => callback.epochStart?.(progress));
      await trainEpoch(trainee, plan, progress);
      if (progress.stopped) return;
      const validation = await trainee.validate(progress.tellValidationBatch);
      const result = progress.finishEpoch(validation, (performance.now() - start) / 1000);
      trainee.reached(progress.position());
      await progress.tell((callback) => callback.epochEnd?.(progress, result));
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    await progress.tell((callback) => callback.fitEnd?.(progress, failure));
  }
}

async function trainEpoch(trainee: Trainee, { train, schedule, signal }: FitPlan, progress: Progress): Promise<void> {
  const { epoch, batch: from } = progress;
  for await (const batch of train.batches(epoch, { from, ...(signal ? { signal } : {}) })) {
    const hyper = schedule.at(epoch * train.length + progress.batch);
    progress.record(await trainee.step(batch, hyper), hyper);
    trainee.reached(progress.position(1));
    await progress.tell((callback) => callback.batchEnd?.(progress));
    progress.batch++;
    if (progress.stopped) return;
  }
}

/** The state of a fit, which callbacks read. */
class Progress implements FitState {
  epoch: number;
  batch: number;
  loss = NaN;
  lr: readonly number[] = [];
  momentum = NaN;
  stopped = false;
  readonly epochs: number;
  readonly batches: number;
  readonly batchSize: number;
  readonly history: EpochResult[];
  readonly #smooth: SmoothLoss;
  readonly #callbacks: readonly Callback[];

  constructor({ train, epochs, callbacks, from }: FitPlan) {
    this.epoch = from?.epoch ?? 0;
    this.batch = from?.batch ?? 0;
    this.epochs = epochs;
    this.batches = train.length;
    this.batchSize = train.batchSize;
    this.history = [...(from?.history ?? [])];
    this.#smooth = new SmoothLoss(0.98, from?.smoothLoss);
    this.#callbacks = callbacks;
  }

  get smoothLoss(): number {
    return this.#smooth.value;
  }

  stop(): void {
    this.stopped = true;
  }

  async tell(event: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) await event(callback);
  }

  readonly tellValidationBatch = (done: number, total: number): void => {
    for (const callback of this.#callbacks) callback.validationBatchEnd?.(done, total);
  };

  record(loss: number, { lr, mom }: BatchHyper): void {
    this.loss = loss;
    this.#smooth.add(loss);
    this.lr = lr;
    this.momentum = mom;
  }

  finishEpoch(validation: Evaluation, seconds: number): EpochResult {
    const result = { epoch: this.epoch, trainLoss: this.smoothLoss, validation, seconds };
    this.history.push(result);
    return result;
  }

  nextEpoch(): void {
    this.epoch++;
    this.batch = 0;
  }

  /** Where the fit stands, some batches on. */
  position(on = 0): FitPosition {
    const finished = this.history.at(-1)?.epoch === this.epoch;
    const [epoch, batch] = finished ? [this.epoch + 1, 0] : [this.epoch, this.batch + on];
    return { epoch, batch, smoothLoss: this.#smooth.state, history: [...this.history] };
  }
}
