import { classWeights } from "../data/class-frequencies.node.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import type { MaskOptions } from "../data/mask-options.ts";
import { type ClassWeightMethod, classWeightMethods } from "../losses/class-weights.ts";
import type { Loss, LossOptions } from "../losses/loss.ts";
import { parseLoss } from "../losses/parse-loss.ts";
import { accCamvid } from "../metrics/accuracy.ts";
import { metricNamed } from "../metrics/index.ts";
import type { Metric } from "../metrics/metric.ts";
import { meanIou } from "../metrics/overlap.ts";
import { ConfigError } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { RateBar } from "./rate-bar.ts";
import type { TrainOptions } from "./train-options.ts";

/** The options that say what a run minimises and measures. */
export type ObjectiveOptions = Pick<TrainOptions, "loss"> &
  Partial<Pick<TrainOptions, "classWeights" | "ignoreIndex" | "metrics">>;

/** What a run minimises and measures. */
export interface Objective {
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  /** How much each class counts in the loss, and the class that does not. */
  readonly counts: LossOptions;
  /** The class weights as `--class-weights` takes them, none of them left to be found out. */
  readonly classWeights: string | undefined;
}

/** Throws a ConfigError for a text of the options that is wrong whatever the data. */
export function requireObjective({ loss, classWeights: weights, metrics }: ObjectiveOptions): void {
  parseLoss(loss);
  if (weights !== undefined) parseWeights(weights);
  metricsOf(metrics);
}

/** How masks are to be read: an id to ignore stands for "not labelled". */
export function maskOptionsOf(ignoreIndex: string | undefined): MaskOptions | undefined {
  return ignoreIndex === undefined || ignoreIndex === "void" ? undefined : { ignoreIndex: Number(ignoreIndex) };
}

/**
 * The loss and the metrics for a dataset; counts the training masks where the weights are to come from them.
 * Throws a ConfigError for options that do not fit the data.
 */
export async function objectiveOf(
  options: ObjectiveOptions,
  dataset: SegmentationDataset,
  io: CommandIo,
): Promise<Objective> {
  const { classes } = dataset;
  const weight = await weightsOf(options.classWeights, dataset, io);
  if (weight !== undefined && weight.length !== classes.length)
    throw new ConfigError(`--class-weights: expected ${classes.length} weights, but received ${weight.length}`, {
      hint: `Give one for each class, in this order: ${classes.join(", ")}; or write auto.`,
    });
  const ignoreIndex = ignoredClass(options.ignoreIndex, dataset);
  return {
    loss: parseLoss(options.loss, { weight, ignoreIndex }),
    metrics: metricsOf(options.metrics),
    counts: { weight, ignoreIndex },
    classWeights: weight?.join(","),
  };
}

/** Accuracy without void and mean IoU, and the metrics of a list beside them. */
export function metricsOf(list: string | undefined): Metric[] {
  const named = (list ?? "").split(",").map((name) => name.trim());
  const more = list === undefined ? [] : named.map(metricNamed);
  return [...new Set([accCamvid, meanIou, ...more])];
}

async function weightsOf(
  text: string | undefined,
  dataset: SegmentationDataset,
  { output, signal }: CommandIo,
): Promise<readonly number[] | undefined> {
  const parsed = text === undefined ? undefined : parseWeights(text);
  if (typeof parsed !== "string") return parsed;
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onProgress = (done: number, total: number): void => rate.update("counting classes", done, total);
    const found = await classWeights(dataset, { method: parsed, signal, onProgress });
    // Six digits: what args.yaml records is what is trained with.
    const weights = found.map((w) => Number(w.toPrecision(6)));
    bar.clear();
    const named = dataset.classes.map((name, c) => `${name} ${weights[c]!.toPrecision(3)}`);
    output.line(`class weights by ${parsed}: ${named.join(", ")}`);
    return weights;
  } finally {
    bar.clear();
  }
}

/** A method's name, or the weights themselves. */
function parseWeights(text: string): ClassWeightMethod | number[] {
  if (text === "auto") return "median-frequency";
  if (Object.hasOwn(classWeightMethods, text)) return text as ClassWeightMethod;
  const weights = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (weights.every((w) => w >= 0 && w < Infinity) && weights.some((w) => w > 0)) return weights;
  throw new ConfigError(`--class-weights: expected auto, a method or numbers of at least 0, but received "${text}"`, {
    hint: `Write auto, one of ${Object.keys(classWeightMethods).join(", ")}, or a list such as 1,0.5,2.`,
  });
}

function ignoredClass(text: string | undefined, { voidIndex, classes }: SegmentationDataset): number | undefined {
  if (text !== "void") return text === undefined ? undefined : Number(text);
  if (voidIndex !== null) return voidIndex;
  throw new ConfigError("--ignore-index: the data has no class void", {
    hint: `Give the id of a class, its position in this list counted from 0: ${classes.join(", ")}.`,
  });
}
