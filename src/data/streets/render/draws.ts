import type { Random } from "../../../util/random.ts";

/** Uniform in a range. */
export function within(random: Random, [low, high]: readonly [number, number]): number {
  return random.between(low, high);
}

/** One of `choices`, each as likely as the next. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(choices.length)]!;
}

/** One of `[weight, choice]`, in proportion to the weights. */
export function pickWeighted<T>(random: Random, choices: readonly (readonly [number, T])[]): T {
  let total = 0;
  for (const [weight] of choices) total += weight;
  let rest = random.uniform() * total;
  for (const [weight, choice] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  return choices.at(-1)![1];
}
