import {
  type LrSuggestion,
  type LrSuggestionOptions,
  type LrSweepOptions,
  StopRule,
  suggestLr,
} from "../optim/lr-sweep.ts";
import { lrFinderPlot, type LrFinderPlotOptions } from "../plots/lr-finder.ts";
import type { Callback, FitState } from "./callback.ts";
import type { Host } from "./host.ts";
import { savePlot } from "./save-plot.ts";

/** Settings of a sweep. (fastai-spec §5.7.) */
export interface LrFindOptions extends LrSweepOptions {
  /** Whether to stop early, when the smoothed loss is 4 times its best; default true. */
  readonly stopDiv?: boolean;
  /** Weight decay; default the learner's. */
  readonly wd?: number | readonly number[];
  /** Ends the sweep between two batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** More callbacks, for what they do to the steps. */
  readonly callbacks?: readonly Callback[];
}

/**
 * What a sweep over learning rates measured (fastai's `lr_find`).
 * @example
 * const found = await learner.lrFind();
 * await found.plot("lr.png");
 */
export class LrFound implements LrSuggestion {
  /** Smoothed loss of every batch. */
  readonly losses: readonly number[];
  /** Learning rate of every batch. */
  readonly lrs: readonly number[];
  readonly suggestion: number | null;
  readonly minimumTenth: number | null;
  readonly #host: Host | undefined;

  /** What a sweep measured, loss and rate of every batch; `learner.lrFind()` makes it for you. */
  constructor(losses: readonly number[], lrs: readonly number[], host: Host | undefined) {
    this.losses = losses;
    this.lrs = lrs;
    this.#host = host;
    ({ suggestion: this.suggestion, minimumTenth: this.minimumTenth } = suggestLr(losses, lrs));
  }

  /**
   * The suggestions from another part of the sweep.
   * @example const { suggestion } = found.suggest({ skipStart: 5, skipEnd: 10 });
   */
  suggest(options: LrSuggestionOptions): LrSuggestion {
    return suggestLr(this.losses, this.lrs, options);
  }

  /**
   * Loss over learning rate as SVG text, the suggestions marked; with `file`, which needs a learner with a host, also
   * written there as .svg or .png. Throws a ConfigError when there are too few points to draw, a ResourceError when it
   * cannot be written. (fastai-spec §5.7.)
   * @example await found.plot("lr.png");
   */
  plot(file?: string, options: LrFinderPlotOptions = {}): Promise<string> {
    const named = { steepest: this.suggestion, "minimum/10": this.minimumTenth };
    const known = Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== null);
    const search = { lrs: this.lrs, losses: this.losses, suggestions: Object.fromEntries(known) };
    return savePlot(this.#host, file, () => lrFinderPlot(search, options));
  }
}

/** Watches a sweep: keeps its numbers, and ends it. */
export class LrFinder implements Callback {
  readonly losses: number[] = [];
  readonly lrs: number[] = [];
  readonly #rule = new StopRule();
  readonly #numIt: number;
  readonly #stopDiv: boolean;

  constructor({ numIt = 100, stopDiv = true }: Pick<LrFindOptions, "numIt" | "stopDiv">) {
    this.#numIt = numIt;
    this.#stopDiv = stopDiv;
  }

  epochStart(state: FitState): void {
    state.skipValidation();
  }

  batchEnd(state: FitState): void {
    this.losses.push(state.smoothLoss);
    this.lrs.push(state.lr[0]!);
    const runaway = this.#rule.add(state.smoothLoss);
    if (this.losses.length === this.#numIt || (this.#stopDiv && runaway)) state.stop();
  }

  diverged(state: FitState): void {
    state.stop();
  }
}

/** Only what a callback does to the steps themselves: all that it may do in a sweep. */
export function stepOnly(callback: Callback): Callback[] {
  if (!callback.batchStart) return [];
  const { order } = callback;
  return [{ ...(order !== undefined && { order }), batchStart: (state, step) => callback.batchStart?.(state, step) }];
}
