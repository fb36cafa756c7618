import type { FitState } from "../callback.ts";
import type { MonitorOptions } from "./monitor.ts";
import { Plateau } from "./plateau.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without progress that are borne; default 0: the first one ends the fit. */
  readonly patience?: number;
}

/**
 * Ends the fit when a number makes no progress any more (fastai's EarlyStoppingCallback, fastai-spec §5.10).
 * @example
 * const stopping = new EarlyStopping({ monitor: "valid_loss", patience: 3 });
 * await learner.fit(50, 1e-4, { callbacks: [stopping] });
 */
export class EarlyStopping extends Plateau {
  readonly name = "earlyStopping";

  /** What to watch, and for how many epochs without progress. */
  constructor({ patience = 0, ...options }: EarlyStoppingOptions = {}) {
    super(patience, options);
  }

  protected override impatient(state: FitState): void {
    state.stop();
  }
}
