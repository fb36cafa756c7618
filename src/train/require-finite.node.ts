import { setImmediate } from "node:timers/promises";
import type { StateDict } from "../nn/state.ts";
import { globalNorm } from "../optim/gradients.ts";
import { DivergedError } from "../util/errors.ts";
import type { OptimizerState } from "./engine.ts";

/**
 * Throws a DivergedError where a number of the weights or of the optimizer's state is not finite: nobody could go on from
 * them. Other work of the thread has its turn between two tensors.
 */
export async function requireFinite(weights: StateDict, optimizer?: OptimizerState): Promise<void> {
  const { slots = {}, averages = {}, gathered } = optimizer ?? {};
  const arrays = [
    ...[...weights].map(([name, { data }]) => [name, data] as const),
    ...Object.entries(slots).flatMap(([name, slot]) => Object.values(slot).map((data) => [name, data] as const)),
    ...[averages, gathered?.gradients ?? {}].flatMap((each) => Object.entries(each)),
  ];
  for (const [name, data] of arrays) {
    await setImmediate();
    if (Number.isFinite(globalNorm([data]))) continue;
    throw new DivergedError(`train: ${name} holds a value that is not a finite number`, {
      hint: "Train with a smaller learning rate, such as a tenth of this one.",
    });
  }
}
