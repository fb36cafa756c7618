import type { Slice } from "../../optim/groups.ts";
import { nodeHost } from "../../train/host.node.ts";
import { Learner } from "../../train/learner.ts";
import type { LrFound } from "../../train/lr-find.ts";
import { Interrupted, QualityError } from "../../util/errors.ts";
import { requireNoWords } from "../arguments.ts";
import { tellSplit } from "../batch-size.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import { formulasFor } from "../formulas.ts";
import { searchLr, suggestionOf } from "../lr-search.ts";
import { beginRun, type OpenedRun, openRun } from "../open-run.ts";
import { engineOf, setUp } from "../setup.ts";
import { stepCallbacks } from "../train-callbacks.ts";
import { type TrainOptions, trainOptions } from "../train-options.ts";
import { runTraining } from "../training.ts";

// Everything that can be wrong is found out before the run folder is made, and that before the first batch.
export const train = defineCommand({
  name: "train",
  summary: "train a U-Net on a folder of images and masks",
  usage: "[--data streets|FOLDER] [--size HxW] [--epochs N] [--out DIR] …",
  options: trainOptions,
  async run({ options, given, positionals, ...io }) {
    requireNoWords("train", positionals, "Name the data with --data FOLDER.");
    const opened = await openRun(options, given, io);
    let done = false;
    try {
      await trainIn(opened, io);
      done = true;
    } catch (error) {
      // Who pressed Ctrl-C has ended the run; any other end leaves it to be continued.
      done = error instanceof QualityError || (error instanceof Interrupted && error.exitCode === 130);
      if (!opened.begun) await opened.run?.discard();
      throw error;
    } finally {
      await opened.run?.release(done);
    }
  },
});

async function trainIn(opened: OpenedRun, io: CommandIo): Promise<void> {
  const { resumed, settings: wanted } = opened;
  const { output, signal } = io;
  const { dataset, data, bad, model, size, bs, card, start, objective } = await setUp(wanted, io, resumed);
  const settings = { ...wanted, bs };
  const formulas = await formulasFor(settings, { model, objective, size, bs }, io, opened);
  const engine = await engineOf(settings, formulas, output);
  try {
    const { seed, wd } = settings;
    const checkpoint = resumed?.checkpoint;
    const weights = checkpoint?.weights ?? start.state;
    const { loss, metrics, classWeights, counts } = objective;
    const callbacks = stepCallbacks(settings, counts);
    const learner = await Learner.create(data, model, engine, {
      host: nodeHost,
      ...{ seed, wd, weights, callbacks, loss, metrics, onSplit: tellSplit(output) },
      ...(settings.memory !== undefined && { memory: settings.memory }),
    });
    signal.throwIfAborted();
    const { lr, found } = await learningRate(learner, settings, io);
    const run = await beginRun(opened, { ...settings, lr, classWeights }, { size, dataset, formulas });
    bad?.keepIn(run);
    const begun = checkpoint ? "continued from its checkpoint" : start.description;
    output.line(`U-Net with ${settings.encoder}, ${begun}, on ${engine.description}`);
    output.line(`${size.join("×")} (height × width), batches of ${settings.bs}; results go to ${run.path}`);
    output.event("start", { run: run.path, size, engine: engine.description, resumed: checkpoint !== undefined });
    const facts = { engine: engine.description, weights: start.description, found };
    await runTraining({ learner, dataset, bad, run, card, settings, lr, checkpoint, facts }, io);
  } finally {
    await Promise.all([engine.close(), data.close()]);
    await bad?.settled();
  }
}

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
