import type { Loss, LossOptions } from "./loss.ts";

/** How much the pixels of a batch count together: those of the classes, each by its class's weight. */
export function countedWeight(masks: Int32Array, classes: number, { weight, ignoreIndex }: LossOptions = {}): number {
  const weights = Array.from({ length: classes }, (_, id) => (id === ignoreIndex ? 0 : (weight?.[id] ?? 1)));
  let total = 0;
  for (const id of masks) total += weights[id] ?? 0;
  return total;
}

/** The loss, told how much a pixel counts in its mean. */
export function counting(counts: LossOptions, loss: Loss): Loss {
  return Object.assign(loss, { counts });
}
