import { ConfigError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { focal } from "./focal.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { lovaszSoftmax } from "./lovasz-softmax.ts";
import { dice, jaccard, tversky } from "./overlap.ts";

/** Every loss segkit brings, by name. Called without options, each gives its plain form. */
export const losses = {
  crossEntropy,
  focal,
  dice,
  jaccard,
  lovaszSoftmax,
  tversky,
} as const satisfies Record<string, (options?: LossOptions) => Loss>;

/** The name of a loss in `losses`. */
export type LossName = keyof typeof losses;

/**
 * The loss of a name known only at run time; throws a ConfigError that lists the names there are.
 * @example const loss = lossNamed("dice", { ignoreIndex: 11 });
 */
export function lossNamed(name: string, options: LossOptions = {}): Loss {
  return losses[requireLossName(name)](options);
}

/** The name itself, if a loss has it; throws a ConfigError that lists the names there are. */
export function requireLossName(name: string): LossName {
  if (Object.hasOwn(losses, name)) return name as LossName;
  const names = Object.keys(losses);
  const close = nearest(name, names);
  throw new ConfigError(`loss: expected a known name, but received "${name}"`, {
    hint: `${close === undefined ? "" : `Did you mean ${close}? `}Known losses: ${names.join(", ")}.`,
  });
}
