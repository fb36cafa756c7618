import { ConfigError } from "../util/errors.ts";
import type { TensorHyper } from "./optimizer.ts";

/** Learning rates spread over the layer groups, from the input's side to the head; see `slice`. */
export interface Slice {
  readonly start: number | null;
  readonly stop: number;
}

/**
 * Discriminative learning rates: `stop` for the last layer group, a tenth of it for all others. The fits that take them
 * throw a ConfigError for rates not above 0. (fastai-spec §5.3.)
 * @example await learner.fitOneCycle(10, slice(1e-3));
 */
export function slice(stop: number): Slice;
/**
 * Discriminative learning rates as a geometric row, from `start` for the first layer group to `stop` for the last.
 * @example await learner.fitOneCycle(10, slice(1e-5, 1e-3));
 */
export function slice(start: number, stop: number): Slice;
export function slice(first: number, second?: number): Slice {
  return second === undefined ? { start: null, stop: first } : { start: first, stop: second };
}

/**
 * One learning rate per layer group (fastai's `lr_range`): a number for all of them alike, a slice spread over them.
 * Throws a ConfigError for rates that are not finite and above 0.
 */
export function lrRange(lr: number | Slice, nGroups: number): number[] {
  const { start, stop } = typeof lr === "number" ? { start: lr, stop: lr } : lr;
  for (const rate of [start ?? stop, stop])
    if (!(rate > 0 && rate < Infinity))
      throw new ConfigError(`learning rate: expected a number above 0, but received ${rate}`, {
        hint: "Try 1e-3, or slice(1e-4, 1e-2) for a smaller rate in the earlier layers.",
      });
  if (start === null) return Array.from({ length: nGroups }, (_, i) => (i === nGroups - 1 ? stop : stop / 10));
  return Array.from({ length: nGroups }, (_, i) =>
    i === nGroups - 1 ? stop : start * (stop / start) ** (i / (nGroups - 1)),
  );
}

/** What a parameter is to weight decay: weights always decay, biases and normalisation only with `bnWd`. */
export type ParameterRole = "weight" | "bias" | "norm";

/** The layer group a parameter belongs to, counted from the input's side, and its role. */
export interface GroupedParameter {
  readonly group: number;
  readonly role: ParameterRole;
}

/**
 * Learning rate and weight decay of each parameter, in order. `lr` holds one rate per group; `wd` too, or one for all;
 * `bnWd` says whether biases and normalisation decay as well (fastai's `bn_wd`, true there by default).
 * Throws a ConfigError for a parameter whose group has no rate.
 */
export function tensorHypers(
  parameters: readonly GroupedParameter[],
  settings: { readonly lr: readonly number[]; readonly wd: number | readonly number[]; readonly bnWd: boolean },
): TensorHyper[] {
  const groupWd = (group: number) => (typeof settings.wd === "number" ? settings.wd : settings.wd[group]);
  return parameters.map(({ group, role }) => {
    const lr = settings.lr[group];
    const wd = groupWd(group);
    if (lr === undefined || wd === undefined)
      throw new ConfigError(
        `layer group ${group}: expected a ${lr === undefined ? "learning rate" : "weight decay"} for it, but received none`,
        { hint: "Give one value per layer group, or one number for all." },
      );
    return { lr, wd: role === "weight" || settings.bnWd ? wd : 0 };
  });
}
