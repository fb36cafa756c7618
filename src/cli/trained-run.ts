import { databunch } from "../data/databunch.node.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import { type ModelCard, modelOf } from "../inference/card.ts";
import { openEngine } from "../train/engine-thread.node.ts";
import { Learner } from "../train/learner.ts";
import { RunFolder, type WeightsName } from "../train/run-folder.node.ts";
import { DataError } from "../util/errors.ts";
import { tellSplit } from "./batch-size.ts";
import type { CommandIo } from "./command.ts";
import { masksOf, recordedMasks } from "./data-options.ts";
import { openData } from "./data-source.ts";
import type { TrainOptions } from "./train-options.ts";
import { objectiveOf, type ObjectiveOptions, requireObjective } from "./objective.ts";

/** How a trained model is looked at. */
export interface TrainedOptions extends Pick<TrainOptions, "backend"> {
  /** What to look at; default what the run was trained on. */
  readonly data?: string | undefined;
  readonly weights: WeightsName;
  readonly metrics?: string | undefined;
  readonly bs: number;
  readonly threads?: number | undefined;
}

/** A run's model on its validation pictures. */
export interface TrainedRun {
  readonly run: RunFolder;
  readonly card: ModelCard;
  readonly dataset: SegmentationDataset;
  /** Its training batches are the validation pictures too: they are not there to be trained on. */
  readonly learner: Learner;
  close(): Promise<void>;
}

/**
 * Opens a run with its weights and its data.
 * @param command what errors begin with.
 * @throws ConfigError for a folder that holds no run, DataError for data of other classes than the run's.
 */
export async function openTrained(
  command: string,
  path: string,
  options: TrainedOptions,
  io: CommandIo,
): Promise<TrainedRun> {
  const { output } = io;
  const run = new RunFolder(path);
  const { state, card } = await run.readWeights(options.weights);
  const recorded = await run.readArguments();
  const objective = { ...recordedObjective(recorded), metrics: options.metrics };
  requireObjective(objective);
  const source = options.data ?? String(recorded.data);
  const dataset = await openData(source, io, { size: card.size, masks: await masksOf(recordedMasks(recorded)) });
  requireSameClasses(command, card, dataset);
  const data = databunch(
    // Only the validation list is read, but a bunch has both, each with at least one whole batch.
    { ...dataset, train: dataset.valid },
    { size: card.size, stats: card.stats, batchSize: Math.min(options.bs, dataset.valid.length) },
  );
  const { loss, metrics } = await objectiveOf(objective, dataset, io);
  const engine = await openEngine({
    backend: options.backend,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    onFallback: (reason) => output.note(reason),
  });
  const close = async (): Promise<void> => {
    await Promise.all([engine.close(), data.close()]);
  };
  try {
    const onSplit = tellSplit(output);
    const learner = await Learner.create(data, modelOf(card), engine, { weights: state, loss, metrics, onSplit });
    return { run, card, dataset, learner, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the run was trained with, as its args.yaml says; runs older than an option go by its default. */
function recordedObjective({ loss, classWeights, ignoreIndex }: Record<string, unknown>): ObjectiveOptions {
  const text = (value: unknown): string | undefined =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  return {
    loss: text(loss) ?? "crossEntropy",
    classWeights: text(classWeights),
    ignoreIndex: text(ignoreIndex),
  };
}

/** Throws a DataError for data of other classes than the model's. */
export function requireSameClasses(command: string, card: ModelCard, dataset: SegmentationDataset): void {
  if (dataset.classes.join("\n") === card.classes.join("\n")) return;
  throw new DataError(
    `${command}: the model knows the classes ${card.classes.join(", ")}, but the data has ${dataset.classes.join(", ")}`,
    { hint: "Validate on data with the classes that the model was trained on, in the same order." },
  );
}
