import type { Checkpoint } from "../train/checkpoint.ts";
import type { Learner } from "../train/learner.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import type { SaveRun } from "../train/save-run.node.ts";
import { DivergedError } from "../util/errors.ts";
import type { Output } from "./output.ts";

/** What the learning rate is divided by when a run has diverged; once in a run, so that a lower rate says that it was. */
export const fallback = 10;

/**
 * Puts a learner whose training has diverged back to the last good checkpoint, to go on from there with a lower rate.
 * Throws every other error, and, where the rate is a lower one already or there is no checkpoint, one that says what is left.
 */
export async function goBack(
  error: unknown,
  { learner, run }: { readonly learner: Learner; readonly run: RunFolder },
  lrFactor: number,
  saver: Pick<SaveRun, "safe" | "trained">,
  output: Output,
): Promise<Checkpoint> {
  if (!(error instanceof DivergedError)) throw error;
  const found = lrFactor < 1 ? undefined : await run.checkpoints.read().catch(() => undefined);
  if (!found) throw withSafe(error, lrFactor, saver);
  const { checkpoint, manifest } = found;
  await learner.loadStateDict(checkpoint.weights);
  const { epoch, batch, file } = manifest;
  const place = `epoch ${epoch}, batch ${batch} (checkpoints/${file})`;
  output.note(`warning: ${error.message}; back to ${place}, with a tenth of the learning rate`);
  output.event("back", { message: error.message, epoch, batch, lrFactor: lrFactor / fallback });
  return checkpoint;
}

function withSafe(
  error: DivergedError,
  lrFactor: number,
  { safe, trained }: Pick<SaveRun, "safe" | "trained">,
): DivergedError {
  const sentences = [
    ...(lrFactor < 1 ? ["The learning rate was lowered to a tenth before."] : []),
    ...(trained ? [safe] : []),
    "Start a new run with a smaller --lr.",
  ];
  return new DivergedError(error.message, { hint: sentences.join(" "), cause: error });
}
