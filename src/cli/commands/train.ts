import { basename, join, resolve } from "node:path";
import { databunch } from "../../data/databunch.node.ts";
import type { DataBunch } from "../../data/databunch.ts";
import type { SegmentationDataset } from "../../data/dataset.ts";
import { readImageHeader } from "../../data/decode.node.ts";
import { cardOf } from "../../inference/card.ts";
import { requireSize } from "../../models/model.ts";
import { type UNet, unet } from "../../models/unet/unet.ts";
import { openEngine } from "../../train/engine-thread.node.ts";
import { Learner } from "../../train/learner.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { requireWritable } from "../../util/files.node.ts";
import { requireNoWords } from "../arguments.ts";
import { defineCommand } from "../command.ts";
import { openData, recordedData } from "../data-source.ts";
import { requireSameData, resumeRun } from "../resume.ts";
import { readStartFile, startWeights } from "../start-weights.ts";
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
    const resumed = options.resume ? await resumeRun(options, given) : undefined;
    const settings = resumed?.settings ?? options;
    const startFile = resumed ? undefined : await readStartFile(settings.pretrained);
    if (!resumed) await requireNewRun(settings.out);
    if (settings.size) requireSize(modelOf(settings, 2), settings.size);
    const dataset = await openData(settings.data, { output, signal }, settings.size);
    if (resumed) requireSameData(resumed.checkpoint, dataset);
    const model = modelOf(settings, dataset.classes.length);
    const size = settings.size ?? (await halfSize(dataset, model));
    const data = batchesOf(dataset, settings, size);
    const card = cardOf(model, data);
    const start = startWeights(model, startFile);
    const engine = await openEngine({
      backend: settings.backend,
      ...(settings.threads === undefined ? {} : { threads: settings.threads }),
      onFallback: (reason) => output.note(reason),
    });
    try {
      const { seed, wd } = settings;
      const weights = resumed?.checkpoint.weights ?? start.state;
      const learner = await Learner.create(data, model, engine, { seed, wd, weights });
      signal.throwIfAborted();
      const run = resumed?.run ?? (await createRun(settings, size));
      const begun = resumed ? "continued from its checkpoint" : start.description;
      output.line(`U-Net with ${settings.encoder}, ${begun}, on ${engine.description}`);
      output.line(`${size.join("×")} (height × width), batches of ${settings.bs}; results go to ${run.path}`);
      output.event("start", { run: run.path, size, engine: engine.description, resumed: resumed !== undefined });
      const checkpoint = resumed?.checkpoint;
      await runTraining({ learner, dataset, run, card, settings, checkpoint }, { output, signal });
    } finally {
      await Promise.all([engine.close(), data.close()]);
    }
  },
});

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
  const run = out === undefined ? await RunFolder.fresh(defaultParent, basename(data) || "run") : new RunFolder(out);
  if (out !== undefined) await run.create();
  const { resume: _, ...rest } = settings;
  try {
    await run.writeArguments({ ...rest, data, size: size.join("x"), out: resolve(run.path) });
  } catch (error) {
    await run.discard();
    throw error;
  }
  return run;
}

function modelOf({ encoder, bottle, selfAttention, blur }: TrainOptions, classes: number): UNet {
  return unet({ encoder, bottle, selfAttention, blur, classes });
}

/** fastai's habit for a first run: half the pictures' height and width, as far as the model is not too small for it. */
async function halfSize({ train: [first] }: SegmentationDataset, model: UNet): Promise<[number, number]> {
  if (!first) throw new ConfigError("train: there is no picture to take the size from");
  const { height, width } = await readImageHeader(first.image);
  const half = (length: number): number => Math.max(Math.round(length / 2), model.minimumSize);
  return [half(height), half(width)];
}

function batchesOf(
  dataset: SegmentationDataset,
  { bs, seed, workers }: TrainOptions,
  size: readonly [number, number],
): DataBunch {
  const pictures = dataset.train.length;
  if (pictures < bs)
    throw new ConfigError(`train: ${pictures} training pictures do not fill one batch of ${bs}`, {
      hint: `Use --bs ${pictures} or less.`,
    });
  return databunch(dataset, { size, batchSize: bs, seed, ...(workers === undefined ? {} : { workers }) });
}
