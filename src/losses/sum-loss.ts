import { add, mul } from "../graph/ops/elementwise.ts";
import { ConfigError } from "../util/errors.ts";
import { counting } from "./counted.ts";
import type { Loss } from "./loss.ts";

/**
 * Several losses as one, each times its factor: `sumLoss([[1, crossEntropy()], [0.5, dice()]])`.
 * Throws a ConfigError where there is none or a factor is not above 0.
 * @example const loss = sumLoss([[1, crossEntropy()], [0.5, dice()]]);
 */
export function sumLoss(terms: readonly (readonly [factor: number, loss: Loss])[]): Loss {
  if (terms.length === 0) throw new ConfigError("sumLoss: expected at least one loss, but received none");
  for (const [factor] of terms)
    if (!(factor > 0 && factor < Infinity))
      throw new ConfigError(`sumLoss: expected factors above 0, but received ${factor}`);
  const counts = terms.find(([, loss]) => loss.counts)?.[1].counts ?? {};
  return counting(counts, (logits, target) =>
    terms.map(([factor, loss]) => mul(loss(logits, target), factor)).reduce((all, term) => add(all, term)),
  );
}
