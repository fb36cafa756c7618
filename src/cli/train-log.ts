import type { Callback, EpochResult, FitState } from "../train/callback.ts";
import { resultColumns, resultRow } from "../train/results.ts";
import { clock } from "../util/clock.ts";
import type { Output } from "./output.ts";
import { ProgressBar } from "./progress.ts";

const format = "epoch {epoch} {bar} {value}/{total} · loss {loss} · lr {lr} · {rate} images/s · {left} left";

const width = (column: string): number => Math.max(column.length, 10);

/** Shows a fit: a live bar while it runs, a line for every epoch. */
export class TrainLog implements Callback {
  readonly #output: Output;
  readonly #columns: readonly string[];
  readonly #bar: ProgressBar;
  #start = 0;
  #first = 0;

  constructor(output: Output, metrics: readonly string[]) {
    this.#output = output;
    this.#columns = resultColumns(metrics);
    this.#bar = new ProgressBar(format, output.json ? false : undefined);
  }

  fitStart({ epoch, batch, batches, history }: FitState): void {
    this.#output.line(this.#columns.map((column) => column.padEnd(width(column))).join("  "));
    for (const result of history) this.#row(result);
    this.#start = performance.now();
    this.#first = epoch * batches + batch;
  }

  batchEnd({ epoch, epochs, batch, batches, batchSize, loss, smoothLoss, lr, momentum }: FitState): void {
    const done = epoch * batches + batch + 1;
    const rate = (done - this.#first) / ((performance.now() - this.#start) / 1000);
    this.#output.event("batch", {
      epoch,
      batch,
      loss,
      smoothLoss,
      lr: lr.at(-1),
      momentum,
      imagesPerSecond: rate * batchSize,
    });
    this.#bar.update(batch + 1, batches, {
      epoch: `${epoch + 1}/${epochs}`,
      loss: smoothLoss.toFixed(4),
      lr: lr.at(-1)!.toExponential(1),
      rate: (rate * batchSize).toFixed(1),
      left: clock((epochs * batches - done) / rate),
    });
  }

  validationBatchEnd(done: number, total: number): void {
    this.#bar.update(done, total, { epoch: "validation", loss: "–", lr: "–", rate: "–", left: "–" });
  }

  epochEnd(_: FitState, result: EpochResult): void {
    this.#bar.clear();
    this.#row(result);
    const { epoch, trainLoss, validation, seconds } = result;
    this.#output.event("epoch", { epoch, trainLoss, validLoss: validation.loss, ...validation.metrics, seconds });
  }

  fitEnd(): void {
    this.#bar.clear();
  }

  #row(result: EpochResult): void {
    this.#output.line(
      resultRow(result)
        .map((cell, i) => cell.padEnd(width(this.#columns[i]!)))
        .join("  "),
    );
  }
}
