import type { Batch } from "../data/batch.ts";
import { countedWeight } from "../losses/counted.ts";
import type { LossOptions } from "../losses/loss.ts";
import type { ParameterInfo } from "../models/layer-groups.ts";
import type { Parameter } from "../nn/parameter.ts";
import { tensorHypers } from "../optim/groups.ts";
import { DivergedError } from "../util/errors.ts";
import { type BatchParts, type Part, pictures } from "./batch-parts.ts";
import type { TrainingStep } from "./callback.ts";
import { type Accumulation, type Engine, normName, type StepSettings } from "./engine.ts";
import type { StepOutcome } from "./fit.ts";
import type { ProgramCache } from "./program-cache.ts";

/** What every step of a fit has in common. */
export interface StepContext {
  readonly engine: Engine;
  readonly programs: ProgramCache;
  readonly trainable: readonly ParameterInfo[];
  /** Weights of the batch norms that do not train. */
  readonly stillNorms: ReadonlySet<Parameter>;
  readonly wd: number | readonly number[];
  readonly bnWd: boolean;
  readonly trueWd: boolean;
  /** How batches are computed that are too large for the memory. */
  readonly parts: BatchParts;
  readonly classes: number;
  /** How much a pixel counts in the loss. */
  readonly counts: LossOptions | undefined;
}

/**
 * Takes one training step; where the memory does not last for the whole batch, in parts whose gradients are gathered, each
 * counting by its share of the pixels. Throws a ConfigError for weight decays that are not one per layer group, a
 * ResourceError when the memory does not last for a single picture.
 */
export async function takeStep(context: StepContext, step: TrainingStep): Promise<StepOutcome> {
  const settings = settingsOf(context, step);
  const done: { readonly loss: number; readonly weight: number }[] = [];
  let skipped = false;
  await context.parts.each("training", step.batch.n, async (part) => {
    if (done.some(({ loss }) => !Number.isFinite(loss))) return;
    const { images, masks } = pictures(step.batch, step.batch.masks, part);
    const weight = isWhole(part, step.batch) ? 1 : countedWeight(masks, context.classes, context.counts);
    const second = step.mixed && {
      masks2: pictures(step.batch, step.mixed.masks, part).masks,
      share: Float32Array.of(step.mixed.share),
    };
    const program = await programFor(context, step, part);
    const accumulate = accumulationOf(context, step, part, weight);
    const outputs = await context.engine.step(
      program,
      { images, masks, ...second },
      { ...settings, ...(accumulate && { accumulate }) },
    );
    const norm = outputs[normName]?.[0];
    done.push({ loss: Number(outputs.loss![0]), weight });
    skipped = norm !== undefined && !Number.isFinite(norm);
  });
  return { loss: weightedMean(done), skipped };
}

function settingsOf({ trainable, wd, bnWd, trueWd }: StepContext, step: TrainingStep): StepSettings {
  const { lr, momentum, clip, average } = step;
  const hypers = tensorHypers(trainable, { lr, wd, bnWd });
  return {
    mom: momentum,
    hypers: Object.fromEntries(trainable.map(({ name }, i) => [name, hypers[i]!])),
    ...(!trueWd && { l2: true }),
    ...(clip !== undefined && { clip }),
    ...(average !== undefined && { average }),
  };
}

function programFor(
  { programs, trainable, stillNorms }: StepContext,
  { batch: { height, width }, mixed, frozenNorms }: TrainingStep,
  { from, to }: Part,
): Promise<string> {
  return programs.train(
    { n: to - from, height, width },
    {
      trainable: trainable.map(({ name }) => name),
      ...(frozenNorms && stillNorms.size > 0 && { frozen: stillNorms }),
      mixed: mixed !== undefined,
    },
  );
}

/** How the gradient of a part is gathered; `weight` is what its pixels count. */
function accumulationOf(
  { classes, counts }: StepContext,
  { batch, accumulate }: TrainingStep,
  part: Part,
  weight: number,
): Accumulation | undefined {
  if (isWhole(part, batch)) return accumulate;
  const [begins, ends] = [part.from === 0, part.to === batch.n];
  if (!accumulate) return { weight, first: begins, last: ends };
  const all = countedWeight(batch.masks, classes, counts);
  return {
    weight: (accumulate.weight * weight) / (all || 1),
    first: accumulate.first && begins,
    last: accumulate.last && ends,
  };
}

const isWhole = ({ from, to }: Part, { n }: Batch): boolean => from === 0 && to === n;

function weightedMean(parts: readonly { readonly loss: number; readonly weight: number }[]): number {
  if (parts.length === 1) return parts[0]!.loss;
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { loss, weight }) => sum + weight * loss, 0) / (total || 1);
}

/** The error of a fit whose loss, or where that is one the gradient for long, is no finite number. */
export function diverged(loss: number, { lr }: TrainingStep): DivergedError {
  const rate = `at learning rate ${lr.at(-1)!.toExponential(1)}`;
  const what = Number.isFinite(loss)
    ? `no gradient of many steps was finite ${rate}`
    : `the loss is ${loss} ${rate}; the weights are those before this batch`;
  return new DivergedError(`train: ${what}`, {
    hint: "Train with a smaller learning rate, such as a tenth of this one.",
  });
}
