import type { LrSweepOptions } from "../optim/lr-sweep.ts";
import type { Learner } from "../train/learner.ts";
import type { LrFound } from "../train/lr-find.ts";
import { ConfigError } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { RateBar } from "./rate-bar.ts";

/** Sweeps the learning rate, a live bar showing how far it is. */
export async function searchLr(
  learner: Learner,
  { output, signal }: CommandIo,
  options: LrSweepOptions & { readonly stopDiv?: boolean } = {},
): Promise<LrFound> {
  const { numIt = 100 } = options;
  const bar = output.bar();
  const rate = new RateBar(bar);
  let done = 0;
  try {
    const callbacks = [{ batchStart: () => rate.update("searching a learning rate", done++, numIt) }];
    return await learner.lrFind({ ...options, signal, callbacks });
  } finally {
    bar.clear();
  }
}

/** The suggestion of a sweep; throws a ConfigError when it has none. */
export function suggestionOf({ suggestion, losses }: LrFound): number {
  if (suggestion !== null) return Number(suggestion.toPrecision(3));
  throw new ConfigError(`--lr auto: a search of ${losses.length} batches found no learning rate`, {
    hint: "The loss ran away at once: give --lr a number, such as 1e-4.",
  });
}
