import { ConfigError } from "../util/errors.ts";

/** A curve from `start` (p = 0) to `end` (p = 1). */
export type Annealer = (start: number, end: number, p: number) => number;

/**
 * fastai's annealing curves from `start` (p = 0) to `end` (p = 1), by name; `poly` makes one of a given degree.
 * (fastai-spec §5.10.)
 * @example const half = annealers.cos(1e-3, 0, 0.5); // 5e-4
 */
export const annealers = {
  no: (start) => start,
  linear: (start, end, p) => start + p * (end - start),
  exp: (start, end, p) => start * (end / start) ** p,
  cos: (start, end, p) => end + ((start - end) / 2) * (1 + Math.cos(Math.PI * p)),
} as const satisfies Record<string, Annealer>;

/**
 * end + (start − end)·(1 − p)^degree.
 * @example const curve = poly(2);
 */
export function poly(degree: number): Annealer {
  return (start, end, p) => end + (start - end) * (1 - p) ** degree;
}

/** What a schedule sets for one batch: a learning rate per layer group and the momentum. */
export interface BatchHyper {
  /** Learning rate of each layer group. */
  readonly lr: readonly number[];
  /** Momentum (Adam's β₁). */
  readonly mom: number;
}

/** Hyper-parameters of every batch of a fit. */
export interface Schedule {
  /** Batches it is made for. */
  readonly batches: number;
  /** @param batch in [0, batches]; `batches` itself gives the values left behind after the last step. */
  at(batch: number): BatchHyper;
}

/** The same values throughout (fastai's `fit`). */
export function constantSchedule(options: { lr: readonly number[]; mom: number; batches: number }): Schedule {
  const { lr, mom, batches } = options;
  return { batches, at: () => ({ lr, mom }) };
}

/** Settings of `oneCycle`. */
export interface OneCycleOptions {
  /** The highest rate of each layer group. */
  readonly maxLr: readonly number[];
  /** Steps of the whole fit: batches of an epoch × epochs. */
  readonly batches: number;
  /** Momentum at the ends and at the peak; default [0.95, 0.85]. */
  readonly moms?: readonly [number, number];
  /** The first rate is maxLr / divFactor; default 25. */
  readonly divFactor?: number;
  /** Share of the fit before the peak; default 0.3. */
  readonly pctStart?: number;
  /** The last rate is maxLr / finalDiv; default divFactor · 10⁴. */
  readonly finalDiv?: number | undefined;
}

/**
 * Smith's 1cycle policy (arXiv:1803.09820) in fastai v1's form: cosine up to `maxLr` over the first `pctStart` of the
 * batches, cosine down to almost nothing over the rest, momentum the other way round. Batch 0 takes maxLr/divFactor,
 * batch a₁ = ⌊batches·pctStart⌋ exactly maxLr. Throws a ConfigError for options out of range. (fastai-spec §5.6.)
 * @example const { lr, mom } = oneCycle({ maxLr: [1e-4, 1e-3], batches: 1000 }).at(300); // the peak
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { maxLr, batches, moms = [0.95, 0.85], divFactor = 25, pctStart = 0.3 } = options;
  const finalDiv = options.finalDiv ?? divFactor * 1e4;
  requireOption("batches", batches, "a whole number of at least 1", Number.isInteger(batches) && batches >= 1);
  requireOption("pctStart", pctStart, "a number in [0, 1]", pctStart >= 0 && pctStart <= 1);
  requireOption("divFactor", divFactor, "a number above 0", divFactor > 0);
  requireOption("finalDiv", finalDiv, "a number above 0", finalDiv > 0);
  const rising = Math.trunc(batches * pctStart);
  const falling = batches - rising;
  // A phase lasts at least one batch: with pctStart 0 the peak is batch 1.
  const peak = Math.max(1, rising);

  return {
    batches,
    at(batch) {
      requireOption("batch", batch, `a number in [0, ${batches}]`, batch >= 0 && batch <= batches);
      if (batch <= peak) {
        const p = batch / peak;
        return {
          lr: maxLr.map((max) => annealers.cos(max / divFactor, max, p)),
          mom: annealers.cos(moms[0], moms[1], p),
        };
      }
      const p = (batch - peak) / Math.max(1, falling);
      return {
        lr: maxLr.map((max) => annealers.cos(max, max / finalDiv, p)),
        mom: annealers.cos(moms[1], moms[0], p),
      };
    },
  };
}

function requireOption(name: string, value: number, expected: string, ok: boolean): void {
  if (!ok) throw new ConfigError(`oneCycle: expected ${name} to be ${expected}, but received ${value}`);
}
