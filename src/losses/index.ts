import { ConfigError } from "../util/errors.ts";
import { crossEntropy } from "./cross-entropy.ts";
import type { Loss } from "./loss.ts";

/** Every loss segkit brings, by name. Called without options, each gives its plain form. */
export const losses = {
  crossEntropy,
} as const satisfies Record<string, () => Loss>;

export type LossName = keyof typeof losses;

/** The loss of a name known only at run time, in its plain form; throws a ConfigError that lists the names there are. */
export function lossNamed(name: string): Loss {
  if (Object.hasOwn(losses, name)) return losses[name as LossName]();
  throw new ConfigError(`loss: expected a known name, but received "${name}"`, {
    hint: `Known losses: ${Object.keys(losses).join(", ")}.`,
  });
}
