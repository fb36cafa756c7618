import type { LossesPlotOptions } from "../plots/losses.ts";
import type { SchedulePlotOptions } from "../plots/schedule.ts";
import type { PlotOptions } from "../plots/theme.ts";
import type { Callback, EpochResult, FitState } from "./callback.ts";
import type { Host } from "./host.ts";
import { plotLosses, plotLr, plotMetrics } from "./recorder-plots.ts";
import { savePlot } from "./save-plot.ts";

/** The numbers of the last fit, for plots and tables (fastai's Recorder, fastai-spec §5.8). */
export class Recorder implements Callback {
  readonly order = -10;
  /** Smoothed training loss of every batch. */
  readonly losses: number[] = [];
  /** Learning rate of the last layer group, every batch. */
  readonly lrs: number[] = [];
  /** Momentum of every batch. */
  readonly moms: number[] = [];
  /** Losses and metrics of every epoch. */
  readonly epochs: EpochResult[] = [];
  /** Batches of every epoch that was trained since the fit began or went on: as many as `losses` has of it. */
  readonly nbBatches: number[] = [];
  #before = 0;
  readonly #host: Host | undefined;

  /** @param host where plots are written; without one they are only returned. */
  constructor(host?: Host) {
    this.#host = host;
  }

  fitStart({ history }: FitState): void {
    this.losses.length = this.lrs.length = this.moms.length = this.#before = 0;
    this.epochs.splice(0, Infinity, ...history);
    this.nbBatches.splice(0, Infinity, ...history.map(() => 0));
  }

  batchEnd({ smoothLoss, lr, momentum }: FitState): void {
    this.losses.push(smoothLoss);
    this.lrs.push(lr.at(-1)!);
    this.moms.push(momentum);
  }

  epochEnd(_: FitState, result: EpochResult): void {
    this.epochs.push(result);
    this.nbBatches.push(this.losses.length - this.#before);
    this.#before = this.losses.length;
  }

  /** Validation loss of every epoch. */
  get valLosses(): number[] {
    return this.epochs.map(({ validation }) => validation.loss);
  }

  /** The metrics of every epoch, in the learner's order. */
  get metrics(): number[][] {
    return this.epochs.map(({ validation }) => Object.values(validation.metrics));
  }

  /**
   * Draws training and validation loss over the batches; returns the SVG, and writes it where a file (.svg or .png) is
   * named. All plots throw a ConfigError when there is nothing to draw, a ResourceError when the file cannot be
   * written. (fastai-spec §5.8.)
   * @example await learner.recorder.plotLosses("losses.png", { skipStart: 10 });
   */
  plotLosses(file?: string, options: LossesPlotOptions = {}): Promise<string> {
    return savePlot(this.#host, file, () => plotLosses(this, options));
  }

  /**
   * Draws the learning rate, and with `showMoms` the momentum, over the batches. (fastai-spec §5.8.) Errors as
   * `plotLosses`.
   * @example await learner.recorder.plotLr("lr.png", { showMoms: true });
   */
  plotLr(file?: string, options: SchedulePlotOptions = {}): Promise<string> {
    return savePlot(this.#host, file, () => plotLr(this, options));
  }

  /**
   * Draws the metrics over the epochs, a panel each. (fastai-spec §5.8.) Errors as `plotLosses`.
   * @example await learner.recorder.plotMetrics("metrics.png");
   */
  plotMetrics(file?: string, options: PlotOptions = {}): Promise<string> {
    return savePlot(this.#host, file, () => plotMetrics(this, options));
  }
}
