import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import type { EpochResult, FitState } from "../train/callback.ts";
import { Output } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { TrainLog } from "./train-log.ts";

let printed: string[];
let bars: string[];

beforeEach(() => {
  [printed, bars] = [[], []];
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.spyOn(ProgressBar.prototype, "update").mockImplementation((value, total, before, after) => {
    bars.push(`${before} ${value}/${total} ${after}`);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const result = (epoch: number): EpochResult => ({
  ...{ epoch, trainLoss: 0.5, seconds: 75 },
  validation: { loss: 0.25, confusion: new ConfusionMatrix(2), metrics: { mean_iou: NaN } },
});

const stateAt = (epoch: number, batch: number): FitState => ({
  ...{ epoch, epochs: 2, batch, batches: 2, batchSize: 8, loss: 1, smoothLoss: 0.75, lr: [1e-5, 1e-3], momentum: 0.9 },
  ...{ pass: epoch, skippedSteps: 0, lrFactor: 1 },
  history: [],
  stop: () => {},
  skipValidation: () => {},
  finishWithin: () => {},
});

/** An epoch of two training batches of 3 s and a validation batch of 1 s, then 10 s of something else. */
function epoch(log: TrainLog, number: number): void {
  log.epochStart(stateAt(number, 0));
  for (const batch of [0, 1]) {
    vi.advanceTimersByTime(3000);
    log.batchEnd(stateAt(number, batch));
  }
  vi.advanceTimersByTime(1000);
  log.validationBatchEnd(1, 1);
  log.epochEnd(stateAt(number, 1), result(number));
  vi.advanceTimersByTime(10_000);
}

const logOf = (json: boolean, earlier: readonly EpochResult[] = []): TrainLog => {
  const output = new Output({ json, out: (text) => printed.push(text), err: () => {}, terminal: true });
  return new TrainLog(output, { metrics: ["mean_iou"], epochs: 3, validBatches: 1, earlier });
};

test("counts epochs through the fits of a run, with the time that all of it still takes", () => {
  const log = logOf(false);
  for (const [first, epochs] of [
    [0, 1],
    [1, 2],
  ] as const) {
    log.first = first;
    log.fitStart(stateAt(0, 0));
    for (let i = 0; i < epochs; i++) epoch(log, i);
    log.fitEnd({ ...stateAt(1, 1), history: [result(0), result(1)] }, undefined);
  }
  expect(bars.join("\n")).toMatchInlineSnapshot(`
    "epoch 1/3 1/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:18 left
    epoch 1/3 2/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:15 left
    epoch 1/3 1/1 validation  8.0 img/s  00:14 left
    epoch 2/3 1/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:11 left
    epoch 2/3 2/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:08 left
    epoch 2/3 1/1 validation  8.0 img/s  00:07 left
    epoch 3/3 1/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:04 left
    epoch 3/3 2/2 loss 0.7500  lr 1.0e-3  2.7 img/s  00:01 left
    epoch 3/3 1/1 validation  8.0 img/s  00:00 left"
  `);
  expect(printed.join("")).toMatchInlineSnapshot(`
    "epoch       train_loss  valid_loss  mean_iou    time
    0           0.500000    0.250000    #na#        01:15
    1           0.500000    0.250000    #na#        01:15
    2           0.500000    0.250000    #na#        01:15
    "
  `);
});

test("a run that goes on shows its finished epochs first", () => {
  const log = logOf(false, [result(0)]);
  log.first = 1;
  log.fitStart({ ...stateAt(1, 0), history: [result(0)] });
  log.fitEnd({ ...stateAt(1, 1), history: [result(0), result(1)] }, undefined);
  log.first = 2;
  log.fitStart(stateAt(0, 0));
  expect(printed.map((line) => line.slice(0, 5).trimEnd())).toEqual(["epoch", "0", "1"]);
});

test("prints events in JSON mode", () => {
  const log = logOf(true);
  log.fitStart(stateAt(0, 0));
  epoch(log, 0);
  expect(printed.map((line) => JSON.parse(line) as unknown)).toMatchInlineSnapshot(`
    [
      {
        "batch": 0,
        "batches": 2,
        "epoch": 0,
        "epochs": 3,
        "event": "batch",
        "imagesPerSecond": 2.6666666666666665,
        "loss": 1,
        "lr": 0.001,
        "momentum": 0.9,
        "smoothLoss": 0.75,
      },
      {
        "batch": 1,
        "batches": 2,
        "epoch": 0,
        "epochs": 3,
        "event": "batch",
        "imagesPerSecond": 2.6666666666666665,
        "loss": 1,
        "lr": 0.001,
        "momentum": 0.9,
        "smoothLoss": 0.75,
      },
      {
        "epoch": 0,
        "event": "epoch",
        "mean_iou": null,
        "seconds": 75,
        "trainLoss": 0.5,
        "validLoss": 0.25,
      },
    ]
  `);
});
