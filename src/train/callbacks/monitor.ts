import type { Metric } from "../../metrics/metric.ts";
import { ConfigError } from "../../util/errors.ts";
import type { EpochResult } from "../callback.ts";

export interface MonitorOptions {
  /** "valid_loss" (the default), "train_loss", or the title of one of the learner's metrics. */
  readonly monitor?: string;
  /** Which way is progress; by default as the metric says, down for a loss. */
  readonly mode?: "auto" | "min" | "max";
  /** What a change must be more than to be progress; default 0. */
  readonly minDelta?: number;
}

const losses: Readonly<Record<string, (result: EpochResult) => number>> = {
  train_loss: ({ trainLoss }) => trainLoss,
  valid_loss: ({ validation }) => validation.loss,
};

/**
 * Watches one number of every epoch, and knows whether it gets better (fastai's TrackerCallback, fastai-spec §5.10).
 */
export class Monitor {
  readonly name: string;
  readonly #mode: NonNullable<MonitorOptions["mode"]>;
  readonly #minDelta: number;
  #lower = true;

  constructor({ monitor = "valid_loss", mode = "auto", minDelta = 0 }: MonitorOptions) {
    this.name = monitor;
    this.#mode = mode;
    this.#minDelta = minDelta;
  }

  /** Throws a ConfigError when there is no number of that name among a learner's. */
  begin(metrics: readonly Metric[]): void {
    const metric = metrics.find(({ title }) => title === this.name);
    if (!metric && !Object.hasOwn(losses, this.name))
      throw new ConfigError(`callback: there is no "${this.name}" to watch`, {
        hint: `There are: ${[...Object.keys(losses), ...metrics.map(({ title }) => title)].join(", ")}.`,
      });
    this.#lower = this.#mode === "auto" ? (metric?.better ?? "lower") === "lower" : this.#mode === "min";
  }

  /** The number in an epoch's results. */
  valueOf(result: EpochResult): number {
    return losses[this.name]?.(result) ?? result.validation.metrics[this.name] ?? NaN;
  }

  /** Whether a value is progress over the best one, NaN where there is none yet. */
  improves(value: number, best: number): boolean {
    if (Number.isNaN(value)) return false;
    if (Number.isNaN(best)) return true;
    return this.#lower ? value + this.#minDelta < best : value - this.#minDelta > best;
  }
}
