import type { LossOptions } from "../losses/loss.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Callback } from "../train/callback.ts";
import { CutMix } from "../train/callbacks/cutmix.ts";
import { EarlyStopping } from "../train/callbacks/early-stopping.ts";
import { GradientAccumulation } from "../train/callbacks/gradient-accumulation.ts";
import { GradientClipping } from "../train/callbacks/gradient-clipping.ts";
import { Mixup } from "../train/callbacks/mixup.ts";
import { TensorBoard } from "../train/callbacks/tensorboard.ts";
import { TimeBudget } from "../train/callbacks/time-budget.ts";
import { WeightAverage } from "../train/callbacks/weight-average.ts";
import type { Output } from "./output.ts";
import type { TrainOptions } from "./train-options.ts";

/** The callbacks that change what a step does, as the options ask for them. */
export function stepCallbacks(
  { clip, accumulate, ema, mixup, cutmix, seed }: TrainOptions,
  { weight, ignoreIndex }: LossOptions,
): Callback[] {
  return [
    ...(mixup === undefined ? [] : [new Mixup({ alpha: mixup, seed })]),
    ...(cutmix === undefined ? [] : [new CutMix({ alpha: cutmix, seed })]),
    ...(accumulate === undefined ? [] : [new GradientAccumulation({ batches: accumulate, weight, ignoreIndex })]),
    ...(clip === undefined ? [] : [new GradientClipping({ norm: clip })]),
    ...(ema === undefined ? [] : [new WeightAverage({ decay: ema })]),
  ];
}

/** The callbacks that tell others of a run, in its folder. */
export function loggingCallbacks({ tensorboard }: TrainOptions, folder: string, output: Output): Callback[] {
  const onWarning = (message: string): void => output.note(`warning: ${message}`);
  return tensorboard ? [new TensorBoard({ folder, onWarning })] : [];
}

/** The callbacks that end a fit early. `minutes` is its own share of a time budget. */
export function endingCallbacks({ patience }: TrainOptions, monitor: Metric, minutes: number | undefined): Callback[] {
  return [
    ...(patience === undefined ? [] : [new EarlyStopping({ monitor: monitor.title, patience })]),
    ...(minutes === undefined ? [] : [new TimeBudget({ minutes })]),
  ];
}
