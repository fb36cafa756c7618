import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { databunch } from "../../data/databunch.node.ts";
import type { SegmentationDataset } from "../../data/dataset.ts";
import { readImageHeader } from "../../data/decode.node.ts";
import { cardOf, type ModelCard } from "../../inference/card.ts";
import { metrics } from "../../metrics/index.ts";
import { encoders } from "../../models/encoders/index.ts";
import { requireSize } from "../../models/model.ts";
import { unet } from "../../models/unet/unet.ts";
import { openEngine } from "../../train/engine-thread.node.ts";
import { Learner } from "../../train/learner.ts";
import { writeResultsPicture } from "../../train/results-picture.node.ts";
import { freshFolder, RunFolder } from "../../train/run-folder.node.ts";
import { SaveRun } from "../../train/save-run.node.ts";
import { ConfigError, Interrupted } from "../../util/errors.ts";
import { defineCommand } from "../command.ts";
import { openData } from "../data-source.ts";
import * as fields from "../fields.ts";
import { checkGates } from "../gates.ts";
import { startWeights } from "../start-weights.ts";
import type { Output } from "../output.ts";
import { TrainLog } from "../train-log.ts";

const encoderNames = Object.keys(encoders) as [keyof typeof encoders, ...(keyof typeof encoders)[]];

const options = z.object({
  data: z.string().default("streets").describe("streets, or a folder with images/, labels/, codes.txt and valid.txt"),
  size: fields.size().optional().describe("height x width to train at; default: half the pictures' own size"),
  bs: fields.integer(1).default(8).describe("pictures of a batch"),
  epochs: fields.integer(1).default(10).describe("passes over the training pictures"),
  lr: fields.positive().default(1e-3).describe("highest learning rate of the one-cycle schedule"),
  wd: fields.nonNegative().default(0.01).describe("weight decay"),
  pctStart: fields.share().default(0.3).describe("share of the training before the highest learning rate"),
  encoder: fields
    .word(encoderNames)
    .default("resnet34")
    .describe(`encoder of the U-Net: ${encoderNames.join(", ")}`),
  bottle: z.boolean().default(false).describe("halve the channels of the last residual block"),
  selfAttention: z.boolean().default(false).describe("self-attention in the decoder"),
  blur: z.boolean().default(false).describe("blur what the decoder upsamples"),
  pretrained: z.string().default("false").describe("false, or a .safetensors file with weights to start from"),
  freezeEpochs: fields.integer(0).default(0).describe("epochs that train only the decoder, before all others"),
  out: z.string().optional().describe("run folder; default: a new one in runs/train"),
  seed: fields.integer(0).default(0).describe("decides initial weights, order and transforms"),
  resume: z.boolean().default(false).describe("continue the interrupted run in --out"),
  workers: fields.integer(0).optional().describe("threads that decode pictures"),
  threads: fields.integer(1).optional().describe("threads that compute"),
  backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
  minAcc: fields.share().optional().describe("fail with exit code 6 below this accuracy without void"),
  minMiou: fields.share().optional().describe("fail with exit code 6 below this mean IoU"),
});

type Options = z.infer<typeof options>;

export const train = defineCommand({
  summary: "train a U-Net on a folder of images and masks",
  usage: "[--data streets|FOLDER] [--size HxW] [--epochs N] [--out DIR] …",
  options,
  async run({ options: given, output, signal }) {
    const run = new RunFolder(given.out ?? (await freshFolder(join("runs", "train"), basename(resolve(given.data)))));
    const settings = await settle(given, run);
    await run.create();
    const dataset = await openData(settings.data, signal, output);
    const size = settings.size ?? (await halfSize(dataset));
    const resolved = { ...settings, size, out: run.path, resume: undefined };
    const { encoder, bottle, selfAttention, blur } = settings;
    const model = unet({ encoder, bottle, selfAttention, blur, classes: dataset.classes.length });
    requireSize(model, size);
    const workers = settings.workers === undefined ? {} : { workers: settings.workers };
    const data = databunch(dataset, { size, batchSize: settings.bs, seed: settings.seed, ...workers });
    const card = cardOf(model, data);
    await run.writeArguments({ ...resolved, size: size.join("x") });
    const engine = await openEngine({
      backend: settings.backend,
      ...(settings.threads === undefined ? {} : { threads: settings.threads }),
      onFallback: (reason) => output.note(reason),
    });
    const learner = await Learner.create(data, model, engine, { seed: settings.seed, wd: settings.wd });
    try {
      output.line(await startWeights(learner, model, settings.pretrained));
      output.line(
        `U-Net with ${settings.encoder}, ${size.join("×")}, batches of ${settings.bs}, on ${engine.description}; results in ${run.path}`,
      );
      await fit({ learner, run, card, settings, output, signal });
      await writeResultsPicture(run.file("results.png"), learner, dataset);
    } finally {
      await learner.close();
    }
  },
});

/** The options to train with: those of the interrupted run when it is continued. */
async function settle(given: Options, run: RunFolder): Promise<Options> {
  if (!given.resume) {
    if (given.out !== undefined && (await run.exists()))
      throw new ConfigError(`train: ${run.path} already holds a run`, {
        hint: "Choose another --out, or continue it with --resume.",
      });
    return given;
  }
  if (given.out === undefined || !(await run.canResume()))
    throw new ConfigError(
      `train: there is no interrupted run to resume in ${given.out ?? "--out, which was not given"}`,
      {
        hint: "Name the run's folder: segkit train --resume --out runs/train/NAME.",
      },
    );
  const stored = options.safeParse(stringValues(await run.readArguments()));
  if (!stored.success) throw new ConfigError(`${run.file("args.yaml")}: does not hold the arguments of a run`);
  return { ...stored.data, resume: true };
}

/** The values of args.yaml as they would stand on a command line. */
function stringValues(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, typeof value === "boolean" ? value : String(value)]),
  );
}

/** fastai's habit for a first run: half the pictures' height and width. */
async function halfSize({ train: [first] }: SegmentationDataset): Promise<[number, number]> {
  const { height, width } = await readImageHeader(first!.image);
  return [Math.max(Math.round(height / 2), 1), Math.max(Math.round(width / 2), 1)];
}

interface Fit {
  readonly learner: Learner;
  readonly run: RunFolder;
  readonly card: ModelCard;
  readonly settings: Options;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Trains in one or two fits: the decoder alone, if asked for, then everything. */
async function fit({ learner, run, card, settings, output, signal }: Fit): Promise<void> {
  const phases = [
    { frozen: true, epochs: settings.freezeEpochs },
    { frozen: false, epochs: settings.epochs },
  ].filter(({ epochs }) => epochs > 0);
  const checkpoint = settings.resume ? await run.readCheckpoint() : undefined;
  const saver = new SaveRun(learner, run, {
    card,
    monitor: metrics.meanIou,
    ...(checkpoint ? { rows: checkpoint.rows } : {}),
  });
  if (checkpoint) await learner.loadStateDict((await run.readWeights("last")).state);
  const log = new TrainLog(
    output,
    learner.metrics.map(({ title }) => title),
  );
  for (const [phase, { frozen, epochs }] of phases.entries()) {
    if (phase < (checkpoint?.phase ?? 0)) continue;
    saver.phase = phase;
    await (frozen ? learner.freeze() : learner.unfreeze());
    const from = checkpoint?.phase === phase ? checkpoint.position : undefined;
    if (from) await learner.engine.setOptimizerState(checkpoint!.optimizer);
    const { pctStart } = settings;
    try {
      await learner.fitOneCycle(epochs, settings.lr, {
        pctStart,
        callbacks: [log, saver],
        signal,
        ...(from ? { from } : {}),
      });
    } catch (error) {
      if (error instanceof Interrupted) output.note(`stopped; continue with: segkit train --resume --out ${run.path}`);
      throw error;
    }
  }
  const best = saver.best!;
  const values = Object.entries(best.validation.metrics).map(([title, value]) => `${title} ${value.toFixed(4)}`);
  output.line(`best epoch ${best.epoch}: ${values.join(", ")}; weights in ${run.weightsFile("best")}`);
  output.event("end", { run: run.path, best: { epoch: best.epoch, ...best.validation.metrics } });
  checkGates(best.validation, settings);
}
