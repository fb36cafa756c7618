import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { encodeLists } from "../data/dataset-lists.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import { ConfigError } from "../util/errors.ts";
import type { FileLockOptions } from "../util/file-lock.node.ts";
import { requireWritable } from "../util/files.node.ts";
import { optionName } from "./arguments.ts";
import type { CommandIo } from "./command.ts";
import { dataName, recordedData } from "./data-source.ts";
import { changeable, type ResumedRun, storedOptions, takeUp } from "./resume.ts";
import type { Setup } from "./setup.ts";
import { recordedOptions, type TrainOptions } from "./train-options.ts";

const defaultParent = join("runs", "train");

/** A run that is to begin or to go on; nobody else trains in its folder until that is released. */
export interface OpenedRun {
  /** Undefined for a new one that gets a folder of its own in runs/train when it begins. */
  run: RunFolder | undefined;
  /** The interrupted one that goes on. */
  readonly resumed: ResumedRun | undefined;
  readonly settings: TrainOptions;
  /** Whether anything of it is in the folder. */
  begun: boolean;
}

/**
 * Opens the run that a command line means: with `--resume` the interrupted one in `--out`. Without, an interrupted one that
 * has the same options goes on too: in `--out`, or in runs/train the newest that ended by itself or was killed; with
 * `--resume false` none does.
 * @throws ConfigError where the run in `--out` is complete, has other options, or another process trains in it;
 * ResourceError where no folder can be written.
 */
export async function openRun(options: TrainOptions, given: ReadonlySet<string>, io: CommandIo): Promise<OpenedRun> {
  if (options.resume) return goOn(requireOut(options, given), options, given, io);
  const run = options.out === undefined ? undefined : new RunFolder(options.out);
  if (run && (await run.exists())) {
    await requireSameRun(run, options, given);
    return goOn(run, options, given, io);
  }
  const left = run || given.has("resume") ? undefined : await findLeftRun(options, io);
  if (left) return goOn(left, options, given, io);
  await (run ? run.create() : requireWritable(defaultParent));
  await run?.hold(asked(run, io));
  return { run, resumed: undefined, settings: options, begun: false };
}

/** Makes the folder of a new run, if it is not there, and writes what it begins with; one that goes on has both. */
export async function beginRun(
  opened: OpenedRun,
  settings: TrainOptions,
  { size, dataset, formulas }: Pick<Setup, "size" | "dataset"> & { readonly formulas: FormulaChoices },
): Promise<RunFolder> {
  if (opened.resumed) return opened.resumed.run;
  const run = (opened.run ??= await RunFolder.fresh(defaultParent, dataName(recordedData(settings.data))));
  // Of a fresh folder nobody else knows yet.
  if (settings.out === undefined) await run.hold();
  await run.writeArguments({ ...recordedOptions({ ...settings, size: [...size] }), out: resolve(run.path) });
  await run.writeLists(encodeLists(dataset));
  if (Object.keys(formulas).length > 0) await run.writeFormulas(formulas);
  opened.begun = true;
  return run;
}

async function goOn(
  run: RunFolder,
  options: TrainOptions,
  given: ReadonlySet<string>,
  io: CommandIo,
): Promise<OpenedRun> {
  const stored = await storedOptions(run);
  if (await run.isComplete())
    throw new ConfigError(`train: the run in ${run.path} is complete`, {
      hint: `Start a new run from its weights: --pretrained ${run.weightsFile("last")}.`,
    });
  await run.create();
  await run.hold(asked(run, io));
  try {
    if (!options.resume) io.output.note(`going on with the run in ${run.path}, which has the same options`);
    const resumed = await takeUp(run, stored, options, given, io.output);
    return { run, resumed, settings: resumed.settings, begun: true };
  } catch (error) {
    await run.release(false);
    throw error;
  }
}

/** What tells while nobody knows whether another process trains in a folder. */
function asked({ path }: RunFolder, { output, signal }: CommandIo): FileLockOptions {
  return { signal, onWait: () => output.note(`waiting for a sign of life of another process in ${path}`) };
}

/** The folder of `--resume`. */
function requireOut({ out }: TrainOptions, given: ReadonlySet<string>): RunFolder {
  if (out === undefined)
    throw new ConfigError("train: --resume needs the run's folder", {
      hint: "Name it: segkit train --resume --out runs/train/NAME.",
    });
  const fixed = [...given].find((key) => !changeable.some((name) => name === key));
  if (fixed !== undefined)
    throw new ConfigError(`train: ${optionName(fixed)} cannot change when a run goes on`, {
      hint: "Leave it out: --resume takes the options from the run's args.yaml.",
    });
  return new RunFolder(out);
}

/** Throws a ConfigError unless the run in a folder is one that these options may go on with. */
async function requireSameRun(run: RunFolder, options: TrainOptions, given: ReadonlySet<string>): Promise<void> {
  const hint = "Choose another --out, or continue that run with --resume.";
  if (given.has("resume") || (await run.isComplete()))
    throw new ConfigError(`train: ${run.path} already holds a run`, { hint });
  const others = differing(options, await storedOptions(run))
    .map(optionName)
    .join(", ");
  if (others !== "") throw new ConfigError(`train: ${run.path} already holds a run with other ${others}`, { hint });
}

/** The newest run in runs/train that has these options and was left unfinished. */
async function findLeftRun(options: TrainOptions, io: CommandIo): Promise<RunFolder | undefined> {
  const name = dataName(recordedData(options.data));
  const numberOf = (folder: string): number =>
    folder === name ? 1 : folder.startsWith(`${name}-`) ? Number(folder.slice(name.length + 1)) : NaN;
  const folders = (await readdir(defaultParent).catch((): string[] => [])).filter((folder) => numberOf(folder) >= 1);
  for (const folder of folders.toSorted((a, b) => numberOf(b) - numberOf(a))) {
    const run = new RunFolder(join(defaultParent, folder));
    const stored = await storedOptions(run).catch(() => undefined);
    if (!stored || (await run.isComplete()) || differing(options, stored).length > 0) continue;
    if (await run.isLeft(asked(run, io))) return run;
  }
  return undefined;
}

/** The options in which a run is another one than these ask for. What a run has found out by itself is as good as any. */
function differing(options: TrainOptions, stored: TrainOptions): string[] {
  const [wanted, there] = [recordedOptions(options), recordedOptions(stored)];
  const free = new Set<string>(changeable.filter((key) => key !== "data"));
  const open = (key: string): boolean => wanted[key] === "auto" || (key === "size" && wanted[key] === undefined);
  const keys = new Set([...Object.keys(wanted), ...Object.keys(there)]);
  return [...keys].filter(
    (key) => !free.has(key) && !open(key) && JSON.stringify(wanted[key]) !== JSON.stringify(there[key]),
  );
}
