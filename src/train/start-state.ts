import type { SegmentationModel } from "../models/model.ts";
import { namedLeaves } from "../nn/module.ts";
import { initialState, loadState, type StateDict } from "../nn/state.ts";
import { Random } from "../util/random.ts";
import type { LearnerOptions } from "./fit-options.ts";

/** What a model begins with: the values given, and freshly drawn ones. Throws a ConfigError when given ones do not fit. */
export function startState(model: SegmentationModel, { seed = 0, weights = new Map() }: LearnerOptions): StateDict {
  // Drawing 41 million weights takes more than a second: not where none is needed.
  if (namedLeaves(model).every(([name]) => weights.has(name))) return loadState(model, weights);
  return loadState(model, new Map([...initialState(model, new Random(seed).split("weights")), ...weights]));
}
