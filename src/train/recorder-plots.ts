import { type LossesPlotOptions, lossesPlot } from "../plots/losses.ts";
import { metricsPlot } from "../plots/metrics.ts";
import { schedulePlot, type SchedulePlotOptions } from "../plots/schedule.ts";
import type { PlotOptions } from "../plots/theme.ts";
import type { EpochResult } from "./callback.ts";

/** What a Recorder holds of a fit. */
export interface Recorded {
  readonly losses: readonly number[];
  readonly lrs: readonly number[];
  readonly moms: readonly number[];
  readonly epochs: readonly EpochResult[];
  /** Batches of every epoch that `losses` has; 0 for epochs from before an interruption. */
  readonly nbBatches: readonly number[];
}

/** Training loss over the batches, and the validation losses at the batches trained by then, as SVG. */
export function plotLosses({ losses, epochs, nbBatches }: Recorded, options: LossesPlotOptions = {}): Promise<string> {
  let batch = 0;
  const valid = epochs.flatMap(({ validation }, i) => {
    batch += nbBatches[i] ?? 0;
    return batch === 0 ? [] : [{ batch, loss: validation.loss }];
  });
  return lossesPlot({ train: losses, valid }, options);
}

/** Learning rate, and momentum where asked for, over the batches, as SVG. */
export function plotLr({ lrs, moms }: Recorded, options: SchedulePlotOptions = {}): Promise<string> {
  return schedulePlot({ lrs, moms }, options);
}

/** The metrics over the epochs, a panel each, as SVG. */
export function plotMetrics({ epochs }: Recorded, options: PlotOptions = {}): Promise<string> {
  const titles = [...new Set(epochs.flatMap(({ validation }) => Object.keys(validation.metrics)))];
  const metrics = titles.map((title) => ({
    title,
    values: epochs.map(({ validation }) => validation.metrics[title] ?? NaN),
  }));
  return metricsPlot(metrics, { ...options, first: epochs[0]?.epoch ?? 0 });
}
