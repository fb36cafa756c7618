import { clock } from "../util/clock.ts";
import type { EpochResult } from "./callback.ts";

/** The columns of the table and of results.csv: fastai's, and the metrics between. */
export function resultColumns(metrics: readonly string[]): string[] {
  return ["epoch", "train_loss", "valid_loss", ...metrics, "time"];
}

/** One epoch as table cells; `#na#` where no pixel counted. */
export function resultRow({ epoch, trainLoss, validation, seconds }: EpochResult): string[] {
  const number = (value: number): string => (Number.isNaN(value) ? "#na#" : value.toFixed(6));
  const values = [trainLoss, validation.loss, ...Object.values(validation.metrics)].map(number);
  return [String(epoch), ...values, clock(seconds)];
}
