import type { ParameterInfo } from "../models/layer-groups.ts";
import type { Parameter } from "../nn/parameter.ts";
import { tensorHypers } from "../optim/groups.ts";
import { DivergedError } from "../util/errors.ts";
import type { TrainingStep } from "./callback.ts";
import { type Engine, normName, type StepSettings } from "./engine.ts";
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
}

/** Takes one training step. Throws a ConfigError for weight decays that are not one per layer group. */
export async function takeStep(context: StepContext, step: TrainingStep): Promise<StepOutcome> {
  const { engine, programs, trainable, stillNorms, wd, bnWd, trueWd } = context;
  const { batch, mixed, lr, momentum, clip, accumulate, average, frozenNorms } = step;
  const hypers = tensorHypers(trainable, { lr, wd, bnWd });
  const settings: StepSettings = {
    mom: momentum,
    hypers: Object.fromEntries(trainable.map(({ name }, i) => [name, hypers[i]!])),
    ...(!trueWd && { l2: true }),
    ...(clip !== undefined && { clip }),
    ...(accumulate && { accumulate }),
    ...(average !== undefined && { average }),
  };
  const program = await programs.train(batch, {
    trainable: trainable.map(({ name }) => name),
    ...(frozenNorms && stillNorms.size > 0 && { frozen: stillNorms }),
    mixed: mixed !== undefined,
  });
  const { images, masks } = batch;
  const second = mixed && { masks2: mixed.masks, share: Float32Array.of(mixed.share) };
  const outputs = await engine.step(program, { images, masks, ...second }, settings);
  const norm = outputs[normName]?.[0];
  return { loss: Number(outputs.loss![0]), skipped: norm !== undefined && !Number.isFinite(norm) };
}

/** The error of a fit whose loss is no finite number. */
export function diverged(loss: number, { lr }: TrainingStep): DivergedError {
  return new DivergedError(
    `train: the loss is ${loss} at learning rate ${lr.at(-1)!.toExponential(1)}; the weights are those before this batch`,
    { hint: "Train with a smaller learning rate, such as a tenth of this one." },
  );
}
