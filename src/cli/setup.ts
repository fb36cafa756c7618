import type { BadPictures } from "../data/bad-pictures.ts";
import { databunch } from "../data/databunch.node.ts";
import type { DataBunch } from "../data/databunch.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import { readImageHeader } from "../data/decode.node.ts";
import { cardOf, type ModelCard } from "../inference/card.ts";
import { requireSize } from "../models/model.ts";
import { pretrainedSources } from "../models/encoders/pretrained.ts";
import { type UNet, unet } from "../models/unet/unet.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { openEngine } from "../train/engine-thread.node.ts";
import type { Engine } from "../train/engine.ts";
import { ConfigError } from "../util/errors.ts";
import { BadList } from "./bad-list.ts";
import { batchSizeOf } from "./batch-size.ts";
import type { CommandIo } from "./command.ts";
import { masksOf, transformsOf } from "./data-options.ts";
import { openData } from "./data-source.ts";
import { type Objective, objectiveOf, requireObjective } from "./objective.ts";
import type { Output } from "./output.ts";
import { requireSameData, type ResumedRun } from "./resume.ts";
import { readStartFile, type StartWeights, startWeights } from "./start-weights.ts";
import type { TrainOptions } from "./train-options.ts";

/** Options that training and a search for its learning rate have in common. */
export type SetupOptions = Omit<TrainOptions, keyof typeof trainingOnly>;

/** Options that only training has. */
export const trainingOnly = {
  epochs: true,
  lr: true,
  schedule: true,
  pctStart: true,
  moms: true,
  div: true,
  finalDiv: true,
  patience: true,
  timeBudget: true,
  clip: true,
  accumulate: true,
  ema: true,
  mixup: true,
  cutmix: true,
  metrics: true,
  freezeEpochs: true,
  out: true,
  theme: true,
  tensorboard: true,
  noReport: true,
  resume: true,
  saveEvery: true,
  onBad: true,
  maxBad: true,
  minAcc: true,
  minMiou: true,
} as const;

/** Data, model, and what is minimised, all of it checked. */
export interface Setup {
  readonly dataset: SegmentationDataset;
  readonly data: DataBunch;
  /** What keeps the pictures that are left out; undefined where they are an error. */
  readonly bad: BadList | undefined;
  readonly model: UNet;
  readonly size: readonly [height: number, width: number];
  /** Pictures of a batch. */
  readonly bs: number;
  readonly card: ModelCard;
  readonly start: StartWeights;
  readonly objective: Objective;
}

/** Opens what is trained on and builds what is trained. Everything that can be wrong with either is found out here. */
export async function setUp(
  settings: SetupOptions & Partial<Pick<TrainOptions, "metrics" | "onBad" | "maxBad">>,
  io: CommandIo,
  resumed?: ResumedRun,
): Promise<Setup> {
  requireObjective(settings);
  const masks = await masksOf(settings);
  const startFile = resumed?.checkpoint ? undefined : await readStartFile(settings.pretrained, settings.encoder, io);
  if (settings.size) requireSize(modelOf(settings, 2), settings.size);
  let bad: BadList | undefined;
  const badOf = async (total: number): Promise<BadPictures | undefined> => {
    bad = await BadList.open(settings, total, resumed?.run, io.output);
    return bad?.pictures;
  };
  const dataset = await openData(settings.data, io, { size: settings.size, masks, lists: resumed?.lists, badOf });
  if (resumed) requireSameData(resumed.checkpoint, dataset);
  const model = modelOf(settings, dataset.classes.length);
  const size = settings.size ?? (await halfSize(dataset, model));
  const bs = batchSizeOf(settings, model, size, dataset.train.length, io.output);
  const data = batchesOf(dataset, { ...settings, bs }, size, bad?.pictures);
  const start = startWeights(model, startFile);
  const objective = await objectiveOf(settings, dataset, io);
  return { dataset, data, bad, model, size, bs, card: cardOf(model, data), start, objective };
}

/** The thread that computes. */
export function engineOf(
  { backend, fp16, threads }: SetupOptions,
  formulas: FormulaChoices,
  output: Output,
): Promise<Engine> {
  return openEngine({
    ...{ backend, fp16, formulas },
    ...(threads === undefined ? {} : { threads }),
    onFallback: (reason) => output.note(reason),
  });
}

function modelOf({ encoder, norm, bottle, selfAttention, blur }: SetupOptions, classes: number): UNet {
  return unet({ encoder, normType: norm === "none" ? null : norm, bottle, selfAttention, blur, classes });
}

/** fastai's habit for a first run: half the pictures' height and width, as far as it is not too small for the model. */
export async function halfSize(
  { train: [first] }: SegmentationDataset,
  { minimumSize }: Pick<UNet, "minimumSize"> = { minimumSize: 1 },
): Promise<[number, number]> {
  if (!first) throw new ConfigError("train: there is no picture to take the size from");
  const { height, width } = await readImageHeader(first.image);
  const half = (length: number): number => Math.max(Math.round(length / 2), minimumSize);
  return [half(height), half(width)];
}

function batchesOf(
  dataset: SegmentationDataset,
  { bs, seed, workers, encoder, transforms: name }: SetupOptions & { readonly bs: number },
  size: readonly [number, number],
  bad: BadPictures | undefined,
): DataBunch {
  const pictures = dataset.train.length;
  if (pictures < bs)
    throw new ConfigError(`train: ${pictures} training pictures do not fill one batch of ${bs}`, {
      hint: `Use --bs ${pictures} or less.`,
    });
  const [transforms, validTransforms] = transformsOf(name);
  const { stats } = pretrainedSources[encoder];
  const common = { size, batchSize: bs, seed, stats, bad, ...(workers === undefined ? {} : { workers }) };
  return databunch(dataset, { ...common, transforms, validTransforms });
}
