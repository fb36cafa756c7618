import { annealers, type Schedule } from "./schedule.ts";

export interface LrSweepOptions {
  /** The first rate; default 1e-7. */
  readonly startLr?: number;
  /** The rate that the sweep goes towards; default 10. */
  readonly endLr?: number;
  /** Batches; default 100. */
  readonly numIt?: number;
}

/** Rates from `startLr` towards `endLr`, in equal ratios, the same for all layer groups (fastai's LRFinder). */
export function lrSweep(options: LrSweepOptions & { readonly groups: number; readonly mom: number }): Schedule {
  const { startLr = 1e-7, endLr = 10, numIt = 100, groups, mom } = options;
  return {
    batches: numIt,
    at(batch) {
      const rate = annealers.exp(startLr, endLr, batch / numIt);
      return { lr: Array.from({ length: groups }, () => rate), mom };
    },
  };
}

/** Says when a sweep has seen enough: the smoothed loss is 4 times the best one, or no number. */
export class StopRule {
  #best = Infinity;

  /** The lowest smoothed loss so far. */
  get best(): number {
    return this.#best;
  }

  /** Takes in the smoothed loss of the next batch; true when the sweep should stop. */
  add(smoothLoss: number): boolean {
    if (smoothLoss < this.#best) this.#best = smoothLoss;
    return !(smoothLoss <= 4 * this.#best);
  }
}

export interface LrSuggestionOptions {
  /** Points left out at the beginning; default 10. */
  readonly skipStart?: number;
  /** Points left out at the end; default 5. */
  readonly skipEnd?: number;
}

/** What a sweep says about a good rate; null where it has too few points. */
export interface LrSuggestion {
  /** The rate where the smoothed loss falls fastest from batch to batch. */
  readonly suggestion: number | null;
  /** A tenth of the rate where the smoothed loss is lowest. */
  readonly minimumTenth: number | null;
}

/** Reads a sweep as fastai's `recorder.plot(suggestion=True)` does: central differences of the loss by batch. */
export function suggestLr(
  losses: readonly number[],
  lrs: readonly number[],
  { skipStart = 10, skipEnd = 5 }: LrSuggestionOptions = {},
): LrSuggestion {
  const kept = losses.slice(skipStart, losses.length - skipEnd);
  if (kept.length < 2) return { suggestion: null, minimumTenth: null };
  const slopes = kept.map((_, i) => {
    const [before, after] = [Math.max(i - 1, 0), Math.min(i + 1, kept.length - 1)];
    return (kept[after]! - kept[before]!) / (after - before);
  });
  const rateAt = (values: readonly number[]): number => lrs[skipStart + values.indexOf(Math.min(...values))]!;
  return { suggestion: rateAt(slopes), minimumTenth: rateAt(kept) / 10 };
}
