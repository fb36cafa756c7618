import { cardOf } from "../inference/card.ts";
import { readWeights, writeWeights } from "../inference/weights.node.ts";
import type { Learner } from "./learner.ts";

/**
 * Writes a learner's weights as one safetensors file that also says what they are of. The file appears whole or not at
 * all. Throws a ResourceError when it cannot be written.
 * @example await saveLearner(learner, "weights.safetensors");
 */
export async function saveLearner(learner: Learner, file: string): Promise<void> {
  await writeWeights(file, await learner.stateDict(), cardOf(learner.model, learner.data));
}

/**
 * Puts weights that `saveLearner` or `segkit train` wrote into a learner, whatever the size they were trained at.
 * Throws a ConfigError for a file that is missing or does not fit, a CorruptFileError for a damaged one.
 * @example await loadLearner(learner, "weights.safetensors");
 */
export async function loadLearner(learner: Learner, file: string): Promise<void> {
  await learner.loadStateDict((await readWeights(file)).state);
}
