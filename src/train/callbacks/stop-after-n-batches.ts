import type { Callback, FitState } from "../callback.ts";

/**
 * Ends the fit after so many batches, without validation: to see whether everything runs (fastai's, fastai-spec §5.10).
 * @example await learner.fit(1, 1e-4, { callbacks: [new StopAfterNBatches({ batches: 2 })] });
 */
export class StopAfterNBatches implements Callback {
  readonly #batches: number;

  /** The number of batches; default 2. */
  constructor({ batches = 2 }: { readonly batches?: number } = {}) {
    this.#batches = batches;
  }

  batchEnd(state: FitState): void {
    if (state.epoch * state.batches + state.batch + 1 >= this.#batches) state.stop();
  }
}
