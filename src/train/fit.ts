import type { BatchLoader } from "../data/databunch.ts";
import type { Schedule } from "../optim/schedule.ts";
import type { SmoothLossState } from "../optim/smooth-loss.ts";
import type { PartSizes } from "./batch-parts.ts";
import type { Callback, CallbackLearner, EpochResult, Evaluation, TrainingStep } from "./callback.ts";
import { Progress } from "./progress.ts";

/** Where a fit stands between two batches: with the weights and the optimizer's state, all it takes to continue. */
export interface FitPosition {
  readonly epoch: number;
  readonly batch: number;
  readonly smoothLoss: SmoothLossState;
  readonly history: readonly EpochResult[];
  /** Batches of the schedule that are used up, and how many the next one uses up. */
  readonly scheduled: number;
  readonly pace: number;
  readonly lrFactor: number;
  readonly skippedSteps: number;
  /** The loader's epoch that this fit's epoch 0 is. */
  readonly firstPass: number;
  /** What the callbacks remember, by their names. */
  readonly memories: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Whether a callback has ended the fit. */
  readonly stopped: boolean;
  /** The sizes of the parts that batches are computed in where memory ran out. */
  readonly parts?: PartSizes | undefined;
}

/** What came of a training step. */
export interface StepOutcome {
  /** The loss before the step. Where it is not finite, the weights have stayed. */
  readonly loss: number;
  /** Whether its gradient was not finite: the step was not taken, or without what of it was not. */
  readonly skipped: boolean;
}

/** What is trained: one step, and a run over the validation set. */
export interface Trainee {
  step(step: TrainingStep): Promise<StepOutcome>;
  validate(onBatch: (done: number, total: number) => void): Promise<Evaluation>;
  /** The numbers of a validation that was left out. */
  notValidated(): Evaluation;
  /** The error of a fit whose loss, or where that is one the gradient for long, is no finite number. */
  diverged(loss: number, step: TrainingStep): Error;
  /** Told after every change of where the fit stands. */
  reached(position: () => FitPosition): void;
  /** What callbacks are given. */
  readonly learner: CallbackLearner;
}

/** Steps in a row without a finite gradient that end a fit: more than a loss scale takes to come down. */
const mostSkipped = 50;

export interface FitPlan {
  readonly train: BatchLoader;
  /** The epoch to begin with, and the one to end before. */
  readonly startEpoch: number;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly callbacks: readonly Callback[];
  /** The loader's epoch that epoch 0 is: each fit has orders of its own. */
  readonly firstPass: number;
  readonly signal: AbortSignal | undefined;
  /** What learning rates are multiplied with; undefined as it was where the fit goes on. */
  readonly lrFactor: number | undefined;
  readonly from: FitPosition | undefined;
}

/** Trains: all batches of all epochs, each epoch followed by validation, the callbacks told of everything. */
export async function fit(trainee: Trainee, plan: FitPlan): Promise<void> {
  const progress = new Progress(plan);
  let failure: unknown;
  trainee.reached(progress.position());
  try {
    await progress.tell((callback) => callback.fitStart?.(progress, trainee.learner));
    progress.restore();
    for (; progress.epoch < plan.epochs && !progress.stopped; progress.nextEpoch()) {
      const start = performance.now();
      await progress.tell((callback) => callback.epochStart?.(progress));
      await trainEpoch(trainee, plan, progress);
      if (progress.stopped && !progress.validates) return;
      const validation = await validate(trainee, progress);
      const result = progress.finishEpoch(validation, (performance.now() - start) / 1000);
      trainee.reached(progress.position());
      await progress.tell((callback) => callback.epochEnd?.(progress, result));
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    await progress.tellAll((callback) => callback.fitEnd?.(progress, failure));
  }
}

async function trainEpoch(trainee: Trainee, { train, schedule, signal }: FitPlan, progress: Progress): Promise<void> {
  if (progress.hurried) progress.stop({ validate: true });
  if (progress.stopped) return;
  for await (const batch of train.batches(progress.pass, { from: progress.batch, ...(signal ? { signal } : {}) })) {
    const { lr, mom } = schedule.at(progress.scheduled);
    const step = progress.begin(batch, lr, mom);
    await progress.tell((callback) => callback.batchStart?.(progress, step));
    const outcome = await trainee.step(step);
    progress.record(outcome, step);
    if (!Number.isFinite(outcome.loss) || progress.skippedInRow === mostSkipped) {
      await progress.tell((callback) => callback.diverged?.(progress));
      if (!progress.stopped) throw trainee.diverged(outcome.loss, step);
      return;
    }
    trainee.reached(progress.position(1));
    await progress.tell((callback) => callback.batchEnd?.(progress));
    progress.batch++;
    if (progress.hurried) progress.stop({ validate: true });
    if (progress.stopped) return;
  }
}

async function validate(trainee: Trainee, progress: Progress): Promise<Evaluation> {
  if (progress.skipsValidation) return trainee.notValidated();
  await progress.tell((callback) => callback.validationStart?.(progress));
  return trainee.validate(progress.tellValidationBatch);
}
