import { requireOption } from "./require-option.ts";
import type { Callback, CallbackLearner, FitState, TrainingStep } from "../callback.ts";

export interface WeightAverageOptions {
  /** Share of the past that the averages keep at each step, in [0, 1); default 0.999. */
  readonly decay?: number;
  /** Whether the averages follow faster at first, by (1 + t)/(10 + t) at step t; default true. */
  readonly warmUp?: boolean;
}

/**
 * Keeps moving averages of weights and batch statistics (EMA; Polyak & Juditsky 1992). Training goes on with the
 * weights themselves; validation, and what is saved after it, takes the averages, and they are the learner's weights
 * once the fit has ended without an error.
 * @example await learner.fitOneCycle(10, slice(1e-3), { callbacks: [new WeightAverage({ decay: 0.999 })] });
 */
export class WeightAverage implements Callback {
  /** Before all that saves or loads. */
  readonly order = -5;
  readonly name = "weightAverage";
  /** The steps averaged so far. */
  memory = { steps: 0 };
  readonly #decay: number;
  readonly #warmUp: boolean;
  #learner: CallbackLearner | undefined;

  /** Throws a ConfigError for a decay outside [0, 1). */
  constructor({ decay = 0.999, warmUp = true }: WeightAverageOptions = {}) {
    requireOption("WeightAverage", "decay", decay, "a number in [0, 1)", decay >= 0 && decay < 1);
    this.#decay = decay;
    this.#warmUp = warmUp;
  }

  fitStart(_: FitState, learner: CallbackLearner): void {
    this.#learner = learner;
    this.memory = { steps: 0 };
  }

  async epochStart(): Promise<void> {
    await this.#learner?.engine.useAverages(false);
  }

  batchStart(_: FitState, step: TrainingStep): void {
    const t = this.memory.steps;
    step.average = this.#warmUp ? Math.min(this.#decay, (1 + t) / (10 + t)) : this.#decay;
  }

  batchEnd(): void {
    this.memory.steps++;
  }

  async validationStart(): Promise<void> {
    await this.#learner?.engine.useAverages(true);
  }

  async fitEnd(_: FitState, error: unknown): Promise<void> {
    if (error === undefined) await this.#learner?.engine.adoptAverages();
    else await this.#learner?.engine.useAverages(false);
  }
}
