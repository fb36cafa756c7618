import { createHash } from "node:crypto";
import type { SegmentationDataset } from "../data/dataset.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import { ConfigError, CorruptFileError, DataError } from "../util/errors.ts";
import { optionName } from "./arguments.ts";
import { type TrainOptions, trainOptions } from "./train-options.ts";

/** An interrupted run that is to go on. */
export interface ResumedRun {
  readonly run: RunFolder;
  /** The options it was started with; those that do not change its result may be given anew. */
  readonly settings: TrainOptions;
  readonly checkpoint: Checkpoint;
}

/** Options that may differ when a run goes on. The data may have moved, but `requireSameData` sees to it. */
const changeable: readonly (keyof TrainOptions)[] = [
  ...(["data", "out", "resume", "workers", "threads", "backend", "noReport", "minAcc", "minMiou"] as const),
];

/** Opens the interrupted run in `--out`. Throws a ConfigError when there is none, or an option would change its result. */
export async function resumeRun(options: TrainOptions, given: ReadonlySet<string>): Promise<ResumedRun> {
  if (options.out === undefined)
    throw new ConfigError("train: --resume needs the run's folder", {
      hint: "Name it: segkit train --resume --out runs/train/NAME.",
    });
  const fixed = [...given].find((key) => !changeable.some((name) => name === key));
  if (fixed !== undefined)
    throw new ConfigError(`train: ${optionName(fixed)} cannot change when a run goes on`, {
      hint: "Leave it out: --resume takes the options from the run's args.yaml.",
    });
  const run = new RunFolder(options.out);
  const settings = await storedOptions(run);
  if (!(await run.canResume())) throw await nothingToContinue(run);
  // Makes nothing here, but finds out whether the folder can be written.
  await run.create();
  const anew = Object.entries(options).filter(([key]) => given.has(key));
  return { run, settings: { ...settings, ...Object.fromEntries(anew) }, checkpoint: await run.readCheckpoint() };
}

async function nothingToContinue(run: RunFolder): Promise<ConfigError> {
  const complete = await run.hasWeights("last");
  return complete
    ? new ConfigError(`train: the run in ${run.path} is complete`, {
        hint: `Start a new run from its weights: --pretrained ${run.weightsFile("last")}.`,
      })
    : new ConfigError(`train: the run in ${run.path} ended before its first checkpoint`, {
        hint: "Start it again, with another --out.",
      });
}

async function storedOptions(run: RunFolder): Promise<TrainOptions> {
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
export function requireSameData(checkpoint: Checkpoint, dataset: SegmentationDataset): void {
  if (checkpoint.data === fingerprint(dataset)) return;
  throw new DataError(`train: the pictures or classes in ${dataset.root} are not those that the run was started on`, {
    hint: "Put them back, name their folder with --data, or start a new run.",
  });
}
