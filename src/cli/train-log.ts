import type { Callback, EpochResult, FitState } from "../train/callback.ts";
import { resultColumns, resultRow } from "../train/results.ts";
import { clock } from "../util/clock.ts";
import type { Output } from "./output.ts";
import { Pace } from "./pace.ts";
import type { ProgressBar } from "./progress.ts";

export interface TrainLogOptions {
  /** Titles of the metrics. */
  readonly metrics: readonly string[];
  /** Epochs of all fits of the run together. */
  readonly epochs: number;
  /** Validation batches of an epoch. */
  readonly validBatches: number;
  /** The epochs that an interrupted run had finished in earlier fits. */
  readonly earlier?: readonly EpochResult[];
}

const seconds = (): number => performance.now() / 1000;

/** Shows the fits of a run: a live bar while they go on, a line for every epoch. */
export class TrainLog implements Callback {
  /** Epochs of the run before the fit that is under way. */
  first = 0;
  readonly #output: Output;
  readonly #options: TrainLogOptions;
  readonly #columns: readonly string[];
  readonly #bar: ProgressBar;
  readonly #pace = new Pace(seconds());
  #headed = false;
  /** The epochs that have a line. */
  readonly #shown = new Set<number>();
  #state: FitState | undefined;

  constructor(output: Output, options: TrainLogOptions) {
    this.#output = output;
    this.#options = options;
    this.#columns = resultColumns(options.metrics);
    this.#bar = output.bar();
  }

  fitStart({ history }: FitState): void {
    if (!this.#headed) {
      this.#headed = true;
      this.#cells(this.#columns);
      for (const result of this.#options.earlier ?? []) this.#row(result);
    }
    for (const result of history.map((each) => this.#numbered(each)))
      if (!this.#shown.has(result.epoch)) this.#row(result);
  }

  epochStart(state: FitState): void {
    this.#state = state;
    this.#pace.skip(seconds());
  }

  batchEnd({ epoch, batch, batches, batchSize, loss, smoothLoss, lr, momentum }: FitState): void {
    this.#pace.trained(seconds());
    const imagesPerSecond = batchSize / this.#pace.trainBatch;
    const rate = lr.at(-1) ?? NaN;
    this.#output.event("batch", {
      ...{ epoch: this.first + epoch, epochs: this.#options.epochs, batch, batches },
      ...{ loss, smoothLoss, lr: rate, momentum, imagesPerSecond },
    });
    const numbers = [
      `loss ${smoothLoss.toFixed(4)}`,
      `lr ${rate.toExponential(1)}`,
      `${imagesPerSecond.toFixed(1)} img/s`,
    ];
    this.#show(batch + 1, batches, [...numbers, this.#left(batch + 1, 0)]);
  }

  validationBatchEnd(done: number, total: number): void {
    this.#pace.validated(seconds());
    const { batches = 0, batchSize = NaN } = this.#state ?? {};
    const rate = `${(batchSize / this.#pace.validBatch).toFixed(1)} img/s`;
    this.#show(done, total, ["validation", rate, this.#left(batches, done)]);
  }

  epochEnd(_: FitState, result: EpochResult): void {
    this.#bar.clear();
    this.#row(this.#numbered(result));
    const { epoch, trainLoss, validation, seconds } = this.#numbered(result);
    this.#output.event("epoch", { epoch, trainLoss, validLoss: validation.loss, ...validation.metrics, seconds });
  }

  fitEnd({ history, epochs, skippedSteps }: FitState, error: unknown): void {
    this.#bar.clear();
    if (skippedSteps > 0)
      this.#output.note(`${skippedSteps} steps had gradients that were not finite; these did not count`);
    if (error === undefined && history.length < epochs)
      this.#output.line(`stopped after ${history.length} of ${epochs} epochs`);
  }

  #show(done: number, total: number, texts: readonly string[]): void {
    const epoch = this.first + (this.#state?.epoch ?? 0) + 1;
    this.#bar.update(done, total, `epoch ${epoch}/${this.#options.epochs}`, texts.join("  "));
  }

  /** The time left when so many batches of the running epoch are done. */
  #left(trained: number, validated: number): string {
    const { epochs, validBatches } = this.#options;
    const open = epochs - this.first - (this.#state?.epoch ?? 0);
    const trainBatches = open * (this.#state?.batches ?? 0) - trained;
    return `${clock(this.#pace.left({ trainBatches, validBatches: open * validBatches - validated }))} left`;
  }

  #numbered(result: EpochResult): EpochResult {
    return { ...result, epoch: this.first + result.epoch };
  }

  #row(result: EpochResult): void {
    this.#shown.add(result.epoch);
    this.#cells(resultRow(result));
  }

  #cells(cells: readonly string[]): void {
    const padded = cells.map((cell, i) => cell.padEnd(Math.max(this.#columns[i]?.length ?? 0, 10)));
    this.#output.line(padded.join("  ").trimEnd());
  }
}
