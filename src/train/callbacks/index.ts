import { BnFreeze } from "./bn-freeze.ts";
import { CsvLogger } from "./csv-logger.ts";
import { CutMix } from "./cutmix.ts";
import { EarlyStopping } from "./early-stopping.ts";
import { GradientAccumulation } from "./gradient-accumulation.ts";
import { GradientClipping } from "./gradient-clipping.ts";
import { Mixup } from "./mixup.ts";
import { ReduceLrOnPlateau } from "./reduce-lr-on-plateau.ts";
import { SaveModel } from "./save-model.ts";
import { StopAfterNBatches } from "./stop-after-n-batches.ts";
import { TensorBoard } from "./tensorboard.ts";
import { TerminateOnNaN } from "./terminate-on-nan.ts";
import { TimeBudget } from "./time-budget.ts";
import { WeightAverage } from "./weight-average.ts";

/** Every callback segkit brings, by name. */
export const callbacks = {
  BnFreeze,
  CsvLogger,
  CutMix,
  EarlyStopping,
  GradientAccumulation,
  GradientClipping,
  Mixup,
  ReduceLrOnPlateau,
  SaveModel,
  StopAfterNBatches,
  TensorBoard,
  TerminateOnNaN,
  TimeBudget,
  WeightAverage,
} as const;

/** The name of a callback in `callbacks`. */
export type CallbackName = keyof typeof callbacks;
