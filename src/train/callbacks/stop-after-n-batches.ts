import type { Callback, FitState } from "../callback.ts";

/** Ends the fit after so many batches, without validation: to see whether everything runs (fastai's, spec 5.10). */
export class StopAfterNBatches implements Callback {
  readonly #batches: number;

  constructor({ batches = 2 }: { readonly batches?: number } = {}) {
    this.#batches = batches;
  }

  batchEnd(state: FitState): void {
    if (state.epoch * state.batches + state.batch + 1 >= this.#batches) state.stop();
  }
}
