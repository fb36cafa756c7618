import { createHash } from "node:crypto";
import type { SegmentationDataset } from "../data/dataset.ts";
import type { DatasetLists } from "../data/dataset-lists.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import { ConfigError, CorruptFileError, DataError } from "../util/errors.ts";
import { recordedData } from "./data-source.ts";
import type { Output } from "./output.ts";
import { type TrainOptions, trainOptions } from "./train-options.ts";

/** An interrupted run that is to go on. */
export interface ResumedRun {
  readonly run: RunFolder;
  /** The options it was started with; those that do not change its result may be given anew. */
  readonly settings: TrainOptions;
  /** Where it stood; undefined where it was killed before its first checkpoint, and begins anew. */
  readonly checkpoint: Checkpoint | undefined;
  /** The pictures that it was begun with; undefined where its data lie somewhere else now. */
  readonly lists: DatasetLists | undefined;
}

/** Options that may differ when a run goes on. The data may have moved, but `requireSameData` sees to it. */
export const changeable: readonly (keyof TrainOptions)[] = [
  ...([
    "data",
    "out",
    "resume",
    "onBad",
    "maxBad",
    "saveEvery",
    "workers",
    "threads",
    "memory",
    "backend",
    "formulas",
    "noReport",
    "theme",
    "minAcc",
    "minMiou",
  ] as const),
];

/** Takes an interrupted run up where it stood. Throws a CorruptFileError when none of its checkpoints can be read. */
export async function takeUp(
  run: RunFolder,
  stored: TrainOptions,
  options: TrainOptions,
  given: ReadonlySet<string>,
  output: Output,
): Promise<ResumedRun> {
  const anew = Object.entries(options).filter(([key]) => given.has(key) && changeable.some((name) => name === key));
  const settings = { ...stored, ...Object.fromEntries(anew) };
  const moved = recordedData(settings.data) !== recordedData(stored.data);
  const lists = moved ? undefined : await run.readLists();
  return { run, settings, checkpoint: await readCheckpoint(run, settings, output), lists };
}

/** The newest good checkpoint of a run; says so where it is not the newest. */
async function readCheckpoint(run: RunFolder, { seed }: TrainOptions, output: Output): Promise<Checkpoint | undefined> {
  const found = await run.checkpoints.read();
  if (!found) {
    output.note("the run was interrupted before its first checkpoint: it begins anew");
    return undefined;
  }
  const { checkpoint, manifest, damaged } = found;
  for (const what of damaged) output.note(`warning: ${what}`);
  if (damaged.length > 0)
    output.note(`going on from the one before, of epoch ${manifest.epoch}, batch ${manifest.batch} (${manifest.file})`);
  if (checkpoint.seed !== seed)
    throw new ConfigError(
      `train: ${run.file("args.yaml")} says seed ${seed}, but the run began with ${checkpoint.seed}`,
      {
        hint: "Put args.yaml back as segkit train wrote it.",
      },
    );
  return checkpoint;
}

/** The options that a run was started with. Throws a ConfigError where there is no run. */
export async function storedOptions(run: RunFolder): Promise<TrainOptions> {
  const stored = Object.entries(await run.readArguments());
  const parsed = trainOptions.safeParse(
    Object.fromEntries(stored.map(([key, value]) => [key, typeof value === "boolean" ? value : String(value)])),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CorruptFileError(`${run.file("args.yaml")}: ${issue?.path.join(".")}: ${issue?.message}`, {
    hint: "Put the file back as segkit train wrote it.",
    cause: parsed.error,
  });
}

/** What tells one dataset from another: its classes and the names of its pictures. */
export function fingerprint({ classes, train, valid }: SegmentationDataset): string {
  const ids = [train, valid].map((items) => items.map(({ id }) => id));
  return createHash("sha256")
    .update(JSON.stringify([classes, ids]))
    .digest("hex");
}

/** Throws a DataError when a run was started on other data than it is to go on with. */
export function requireSameData(checkpoint: Checkpoint | undefined, dataset: SegmentationDataset): void {
  if (checkpoint === undefined || checkpoint.data === fingerprint(dataset)) return;
  throw new DataError(`train: the pictures or classes in ${dataset.root} are not those that the run was started on`, {
    hint: "Put them back, name their folder with --data, or start a new run.",
  });
}
