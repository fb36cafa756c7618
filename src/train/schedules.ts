import type { Slice } from "../optim/groups.ts";
import { flatCos } from "../optim/phases.ts";
import { constantSchedule, oneCycle } from "../optim/schedule.ts";
import type { FlatCosFitOptions, OneCycleFitOptions, ScheduleFor } from "./fit-options.ts";

/** Smith's 1cycle policy. */
export function oneCycleFor(lr: number | Slice, options: OneCycleFitOptions): ScheduleFor {
  const { moms, divFactor, pctStart, finalDiv } = options;
  const given = {
    ...(moms && { moms }),
    ...(divFactor !== undefined && { divFactor }),
    ...(pctStart !== undefined && { pctStart }),
    ...(finalDiv !== undefined && { finalDiv }),
  };
  return ({ batches, lrRange }) => oneCycle({ ...given, maxLr: lrRange(lr), batches });
}

/** The same rate and momentum throughout. */
export function constantFor(lr: number | Slice): ScheduleFor {
  return ({ batches, momentum, lrRange }) => constantSchedule({ lr: lrRange(lr), mom: momentum, batches });
}

/** Flat, then down to 0 along a cosine. */
export function flatCosFor(lr: number | Slice, { moms, startPct }: FlatCosFitOptions): ScheduleFor {
  const given = { ...(moms && { moms }), ...(startPct !== undefined && { startPct }) };
  return ({ batches, lrRange }) => flatCos({ ...given, lr: lrRange(lr), batches });
}
