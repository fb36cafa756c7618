import type { BatchLoader, DataBunch } from "../data/databunch.ts";
import type { TtaOptions } from "../inference/tta.ts";
import { EpochScore } from "../metrics/epoch-score.ts";
import type { EpochContext, Metric } from "../metrics/metric.ts";
import { type BatchParts, pictures } from "./batch-parts.ts";
import type { Evaluation } from "./callback.ts";
import type { Engine } from "./engine.ts";
import type { ProgramCache } from "./program-cache.ts";

/** What to run over, and what to measure. */
export interface ValidateOptions {
  /** Batches to run over; default the validation set. */
  readonly loader?: BatchLoader;
  /** What to measure; default the learner's metrics. */
  readonly metrics?: readonly Metric[];
  /** Test-time augmentation: each picture is seen several times. Default: once. */
  readonly tta?: TtaOptions;
  /** Ends the validation between two batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told how many batches of how many are done. */
  readonly onBatch?: (done: number, total: number) => void;
}

/** What metrics know of the data before the first batch. */
export function scoreContext({ classes, voidIndex }: Pick<DataBunch, "classes" | "voidIndex">): EpochContext {
  return { classes: classes.length, voidIndex };
}

/**
 * Runs over batches with the weights as they are. The loss is Σ n·loss / Σ n over batches of n pictures (fastai's), or over
 * their parts where the memory does not last for whole ones.
 */
export async function evaluate(
  engine: Engine,
  programs: ProgramCache,
  parts: BatchParts,
  loader: BatchLoader,
  metrics: readonly Metric[],
  context: EpochContext,
  { signal, onBatch }: Pick<ValidateOptions, "signal" | "onBatch"> = {},
): Promise<Evaluation> {
  const score = new EpochScore(metrics, context);
  let [loss, count, done] = [0, 0, 0];
  for await (const batch of loader.batches(0, signal ? { signal } : {})) {
    const { height, width } = batch;
    await parts.each("validation", batch.n, async (part) => {
      const shape = { n: part.to - part.from, height, width };
      const feeds = pictures(batch, batch.masks, part);
      const truth = feeds.masks.slice();
      const values = await engine.infer(await programs.validate(shape, metrics, context), feeds);
      loss += Number(values.loss![0]) * shape.n;
      count += shape.n;
      score.add({ predictions: values.predictions as Uint8Array, truth, ...shape }, values);
    });
    onBatch?.(++done, loader.length);
  }
  return { loss: loss / count, confusion: score.confusion, metrics: score.values() };
}

/** The numbers of a validation that did not take place. */
export function noEvaluation(metrics: readonly Metric[], context: EpochContext): Evaluation {
  const { confusion } = new EpochScore([], context);
  return { loss: NaN, confusion, metrics: Object.fromEntries(metrics.map(({ title }) => [title, NaN])) };
}
