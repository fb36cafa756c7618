import { join, resolve } from "node:path";
import type { Slice } from "../../optim/groups.ts";
import { nodeHost } from "../../train/host.node.ts";
import { Learner } from "../../train/learner.ts";
import type { LrFound } from "../../train/lr-find.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { requireWritable } from "../../util/files.node.ts";
import { requireNoWords } from "../arguments.ts";
import { tellSplit } from "../batch-size.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import { dataName, recordedData } from "../data-source.ts";
import * as fields from "../fields.ts";
import { searchLr, suggestionOf } from "../lr-search.ts";
import { resumeRun } from "../resume.ts";
import { engineOf, setUp } from "../setup.ts";
import { stepCallbacks } from "../train-callbacks.ts";
import { type TrainOptions, trainOptions } from "../train-options.ts";
import { runTraining } from "../training.ts";

const defaultParent = join("runs", "train");

// Everything that can be wrong is found out before the run folder is made, and that before the first batch.
export const train = defineCommand({
  name: "train",
  summary: "train a U-Net on a folder of images and masks",
  usage: "[--data streets|FOLDER] [--size HxW] [--epochs N] [--out DIR] …",
  options: trainOptions,
  async run({ options, given, positionals, output, signal }) {
    requireNoWords("train", positionals, "Name the data with --data FOLDER.");
    const resumed = options.resume ? await resumeRun(options, given, output) : undefined;
    const wanted = resumed?.settings ?? options;
    if (!resumed) await requireNewRun(wanted.out);
    const { dataset, data, model, size, bs, card, start, objective } = await setUp(wanted, { output, signal }, resumed);
    const settings = { ...wanted, bs };
    const engine = await engineOf(settings, output);
    try {
      const { seed, wd } = settings;
      const checkpoint = resumed?.checkpoint;
      const weights = checkpoint?.weights ?? start.state;
      const { loss, metrics, classWeights, counts } = objective;
      const callbacks = stepCallbacks(settings, counts);
      const learner = await Learner.create(data, model, engine, {
        host: nodeHost,
        ...{ seed, wd, weights, callbacks, loss, metrics, onSplit: tellSplit(output) },
      });
      signal.throwIfAborted();
      const { lr, found } = await learningRate(learner, settings, { output, signal });
      const run = resumed?.run ?? (await createRun({ ...settings, lr, classWeights }, size));
      const begun = checkpoint ? "continued from its checkpoint" : start.description;
      output.line(`U-Net with ${settings.encoder}, ${begun}, on ${engine.description}`);
      output.line(`${size.join("×")} (height × width), batches of ${settings.bs}; results go to ${run.path}`);
      output.event("start", { run: run.path, size, engine: engine.description, resumed: checkpoint !== undefined });
      const facts = { engine: engine.description, weights: start.description, found };
      await runTraining({ learner, dataset, run, card, settings, lr, checkpoint, facts }, { output, signal });
    } finally {
      await Promise.all([engine.close(), data.close()]);
    }
  },
});

/** The learning rate of `--lr`; with "auto", the one that a search suggests for the first fit. */
async function learningRate(
  learner: Learner,
  { lr, freezeEpochs }: TrainOptions,
  io: CommandIo,
): Promise<{ lr: number | Slice; found: LrFound | undefined }> {
  if (lr !== "auto") return { lr, found: undefined };
  if (freezeEpochs > 0) await learner.freeze();
  const found = await searchLr(learner, io);
  const rate = suggestionOf(found);
  io.output.line(`learning rate ${rate.toExponential(1)}, found by a search`);
  io.output.event("lr", { lr: rate });
  return { lr: rate, found };
}

/** Throws when there is a run in the folder already, or none can be written. */
async function requireNewRun(out: string | undefined): Promise<void> {
  if (out !== undefined && (await new RunFolder(out).exists()))
    throw new ConfigError(`train: ${out} already holds a run`, {
      hint: "Choose another --out, or continue that run with --resume.",
    });
  await requireWritable(out ?? defaultParent);
}

async function createRun({ out, ...settings }: TrainOptions, size: readonly number[]): Promise<RunFolder> {
  const data = recordedData(settings.data);
  const run = out === undefined ? await RunFolder.fresh(defaultParent, dataName(data)) : new RunFolder(out);
  if (out !== undefined) await run.create();
  const { resume: _, ...rest } = settings;
  try {
    const lr = fields.showLearningRate(rest.lr);
    const colours = rest.maskColours === undefined ? {} : { maskColours: resolve(rest.maskColours) };
    await run.writeArguments({ ...rest, ...colours, lr, data, size: size.join("x"), out: resolve(run.path) });
  } catch (error) {
    await run.discard();
    throw error;
  }
  return run;
}
