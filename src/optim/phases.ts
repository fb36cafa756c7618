import { ConfigError } from "../util/errors.ts";
import { type Annealer, annealers, type Schedule } from "./schedule.ts";

/**
 * How a value moves through a phase: it stays, or goes from one to another along a curve (linearly where none is
 * named).
 */
export type Course<T> = T | { readonly from: T; readonly to: T; readonly curve?: Annealer };

/** A stretch of a fit with courses of its own (fastai's TrainingPhase). */
export interface TrainingPhase {
  /** Batches it lasts: at least 1, whatever is given. */
  readonly batches: number;
  /** One learning rate per layer group. */
  readonly lr: Course<readonly number[]>;
  /** Momentum (Adam's β₁). */
  readonly mom: Course<number>;
}

/**
 * Phases one after the other (fastai's GeneralScheduler). Values move after each batch: batch 0 takes the first phase's
 * start, and the j-th batch after the beginning of a phase of n batches takes p = j/n of its curves; after the last
 * phase its end stays. Throws a ConfigError when there is no phase. (fastai-spec §5.10.)
 * @example
 * const flat = { lr: [1e-4, 1e-3], mom: 0.95, batches: 100 };
 * const fall = { lr: { from: [1e-4, 1e-3], to: [0, 0], curve: annealers.cos }, mom: 0.85, batches: 50 };
 * const schedule = phasedSchedule([flat, fall]);
 */
export function phasedSchedule(phases: readonly TrainingPhase[]): Schedule {
  if (phases.length === 0) throw new ConfigError("schedule: expected at least one phase, but received none");
  const lengths = phases.map(({ batches }) => Math.max(1, batches));
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));
  const batches = phases.reduce((sum, phase) => sum + phase.batches, 0);
  return {
    batches,
    at(batch) {
      const found = ends.findIndex((end) => batch <= end);
      const i = found < 0 ? phases.length - 1 : found;
      const p = Math.min((batch - (ends[i]! - lengths[i]!)) / lengths[i]!, 1);
      const { lr, mom } = phases[i]!;
      const [from, to, curve] = endsOf(lr);
      const [momFrom, momTo, momCurve] = endsOf(mom);
      return { lr: from.map((rate, group) => curve(rate, to[group]!, p)), mom: momCurve(momFrom, momTo, p) };
    },
  };
}

function endsOf<T>(course: Course<T>): [from: T, to: T, curve: Annealer] {
  const moving = course as { readonly from: T; readonly to: T; readonly curve?: Annealer };
  const isMoving = typeof course === "object" && course !== null && "from" in course;
  return isMoving ? [moving.from, moving.to, moving.curve ?? annealers.linear] : [course, course, annealers.no];
}

/** Settings of `flatCos`. */
export interface FlatCosOptions {
  /** The rate of each layer group in the flat part. */
  readonly lr: readonly number[];
  /** Steps of the whole fit: batches of an epoch × epochs. */
  readonly batches: number;
  /** Momentum of the flat and of the falling part; default [0.95, 0.85]. */
  readonly moms?: readonly [number, number];
  /** Share of the fit before the rate begins to fall; default 0.72. */
  readonly startPct?: number;
}

/**
 * A flat rate, then a cosine down to 0 (fastai's `fit_fc`). Throws a ConfigError for a share outside [0, 1].
 * (fastai-spec §5.6.)
 * @example const schedule = flatCos({ lr: [1e-4, 1e-3], batches: 10 * data.train.length });
 */
export function flatCos({ lr, batches, moms = [0.95, 0.85], startPct = 0.72 }: FlatCosOptions): Schedule {
  if (!(startPct >= 0 && startPct <= 1))
    throw new ConfigError(`flatCos: expected startPct to be a number in [0, 1], but received ${startPct}`);
  const flat = Math.trunc(batches * startPct);
  const falling = { from: lr, to: lr.map(() => 0), curve: annealers.cos };
  return phasedSchedule([
    { batches: flat, lr, mom: moms[0] },
    { batches: batches - flat, lr: falling, mom: moms[1] },
  ]);
}
