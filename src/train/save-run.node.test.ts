import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { plainCard as card } from "../../test/support/card.ts";
import { tempFolder } from "../../test/support/dataset.ts";
import { breakDisk } from "../../test/support/faulty-disk.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { metrics } from "../metrics/index.ts";
import type { StateDict } from "../nn/state.ts";
import { DivergedError, Interrupted, ResourceError } from "../util/errors.ts";
import type { EpochResult, FitState } from "./callback.ts";
import type { CheckpointFiles } from "./checkpoint-files.node.ts";
import { RunFolder } from "./run-folder.node.ts";
import { type SavedLearner, SaveRun, type SaveRunOptions } from "./save-run.node.ts";

const noState: FitState = {
  ...{ epoch: 0, epochs: 3, batch: 0, batches: 2, batchSize: 1, loss: 1, smoothLoss: 1, lr: [1], momentum: 1 },
  ...{ pass: 0, skippedSteps: 0, lrFactor: 1 },
  history: [],
  stop: () => {},
  skipValidation: () => {},
  finishWithin: () => {},
};

const weights = (value: number): StateDict =>
  new Map([["w", { dtype: "F32", shape: [1], data: Float32Array.of(value) }]]);

/** A learner that has taken `steps` steps: its one weight is that number. */
class CountingLearner implements SavedLearner {
  readonly metrics = [metrics.meanIou];
  steps = 0;
  history: EpochResult[] = [];
  stateDict = async (): Promise<StateDict> => weights(this.steps);
  checkpoint = async () => ({
    position: {
      ...{ epoch: this.history.length, batch: 0, smoothLoss: { average: 0, count: 0 }, history: this.history },
      ...{ scheduled: 0, pace: 1, lrFactor: 1, skippedSteps: 0, firstPass: 0, memories: {}, stopped: false },
    },
    weights: weights(this.steps),
    optimizer: { step: this.steps, slots: {} },
  });
}

let run: RunFolder;
let learner: CountingLearner;
let write: MockInstance<CheckpointFiles["write"]>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  run = new RunFolder(await tempFolder());
  await run.create();
  learner = new CountingLearner();
  write = vi.spyOn(run.checkpoints, "write");
});

afterEach(() => {
  vi.useRealTimers();
});

const saverWith = (options: Partial<SaveRunOptions> = {}): SaveRun =>
  new SaveRun(learner, run, { card, monitor: metrics.meanIou, phases: 1, data: "d", seed: 0, ...options });

/** Trains one epoch that ends with a mean IoU. */
async function epoch(saver: SaveRun, iou: number): Promise<void> {
  learner.steps++;
  await saver.batchEnd();
  const validation = { loss: 1, metrics: { [metrics.meanIou.title]: iou }, confusion: new ConfusionMatrix(2) };
  const result = { epoch: learner.history.length, trainLoss: 1, seconds: 61, validation };
  learner.history.push(result);
  await saver.epochEnd(noState, result);
}

const files = async (): Promise<string[]> =>
  (await readdir(run.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(run.path, join(entry.parentPath, entry.name)))
    .toSorted();
const valueOf = async (name: "best" | "last") => (await run.readWeights(name)).state.get("w")?.data[0];
const stepsSaved = async () => (await run.checkpoints.read())?.checkpoint.optimizer.step;

/** Waits until so many checkpoints were written beside the training. */
async function written(count: number): Promise<void> {
  // vi.waitFor would move the clock.
  while (write.mock.calls.length < count) await sleep(1);
  await Promise.allSettled(write.mock.results.map(({ value }) => value as Promise<unknown>));
  await setImmediate();
}

describe("a fit that ends well", () => {
  test("leaves best and last weights, results, and a checkpoint until nothing is left to do", async () => {
    let finish = (): void => {};
    const gates = [Promise.resolve(), new Promise<void>((resolve) => (finish = resolve))];
    const saver = saverWith({ along: () => gates.shift() ?? Promise.resolve() });
    await saver.fitStart(noState);
    await written(1);
    // The first epoch's checkpoint is under way until the last epoch ends.
    for (const iou of [0.2, 0.6, 0.4]) await epoch(saver, iou);
    finish();
    await saver.fitEnd(noState, undefined);
    expect((await files()).filter((file) => !file.startsWith("checkpoints"))).toEqual([
      ...["results.csv", "weights/best.safetensors", "weights/last.safetensors"],
    ]);
    expect(await stepsSaved()).toBe(1);
    expect([await valueOf("best"), await valueOf("last"), saver.best?.epoch]).toEqual([2, 3, 1]);
    expect(await run.readBest()).toEqual({ epoch: 1, loss: 1, metrics: { mean_iou: 0.6 } });
    expect(await readFile(run.file("results.csv"), "utf8")).toMatchInlineSnapshot(`
      "epoch,train_loss,valid_loss,mean_iou,time
      0,1.000000,1.000000,0.200000,01:01
      1,1.000000,1.000000,0.600000,01:01
      2,1.000000,1.000000,0.400000,01:01
      "
    `);
  });

  test("has every finished epoch in results.csv while it goes on", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    const lines = async () => (await readFile(run.file("results.csv"), "utf8")).trimEnd().split("\n");
    expect(await lines()).toEqual(["epoch,train_loss,valid_loss,mean_iou,time"]);
    for (const [i, iou] of [0.2, 0.6].entries()) {
      await epoch(saver, iou);
      learner.steps++;
      await saver.batchEnd();
      expect(await lines()).toHaveLength(i + 2);
      expect((await lines()).at(-1)).toBe(`${i},1.000000,1.000000,${iou}00000,01:01`);
    }
  });

  test("goes on counting epochs through the fits of a run", async () => {
    const saver = saverWith({ phases: 2 });
    saver.begin(0);
    await saver.fitStart(noState);
    await epoch(saver, 0.9);
    await saver.fitEnd(noState, undefined);
    expect(await run.checkpoints.newest()).toMatchObject({ phase: 0, epoch: 1, batch: 0 });
    learner.history = [];
    saver.begin(1);
    expect(saver.first).toBe(1);
    await saver.fitStart(noState);
    await epoch(saver, 0.1);
    await saver.fitEnd(noState, undefined);
    expect(saver.best?.epoch).toBe(0);
    expect(await valueOf("best")).toBe(1);
    expect((await readFile(run.file("results.csv"), "utf8")).split("\n").map((line) => line.split(",")[0])).toEqual([
      ...["epoch", "0", "1", ""],
    ]);
  });
});

describe("checkpoints", () => {
  test("before the first batch, after every epoch, and when it is time", async () => {
    const saver = saverWith({ every: 60 });
    await saver.fitStart(noState);
    await written(1);
    expect(await stepsSaved()).toBe(0);
    await epoch(saver, 0.5);
    await written(2);
    expect(await stepsSaved()).toBe(1);
    learner.steps = 2;
    vi.advanceTimersByTime(50_000);
    await saver.batchEnd();
    expect(write).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    await saver.batchEnd();
    await written(3);
    expect(await stepsSaved()).toBe(2);
  });

  test("are written beside the training, one at a time: what is due meanwhile follows", async () => {
    let finish = (): void => {};
    const gates = [new Promise<void>((resolve) => (finish = resolve))];
    const saver = saverWith({ along: () => gates.shift() ?? Promise.resolve() });
    await saver.fitStart(noState);
    await epoch(saver, 0.5);
    await epoch(saver, 0.6);
    expect(write).not.toHaveBeenCalled();
    finish();
    await written(1);
    expect(await stepsSaved()).toBe(0);
    learner.steps++;
    await saver.batchEnd();
    await written(2);
    expect(await stepsSaved()).toBe(3);
  });

  test("take at most an eleventh of the time", async () => {
    const saver = saverWith({ along: async () => void vi.advanceTimersByTime(10_000) });
    await saver.fitStart(noState);
    await written(1);
    await epoch(saver, 0.5);
    vi.advanceTimersByTime(90_000);
    await saver.batchEnd();
    expect(write).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10_000);
    await saver.batchEnd();
    await written(2);
  });

  test("of numbers that are not finite are not written, and end the fit", async () => {
    const saver = saverWith({ every: 0 });
    await saver.fitStart(noState);
    await written(1);
    const now = await learner.checkpoint();
    vi.spyOn(learner, "checkpoint").mockResolvedValue({ ...now, weights: weights(NaN) });
    await saver.batchEnd();
    await written(2);
    const error: unknown = await saver.batchEnd().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergedError);
    await saver.fitEnd(noState, error);
    expect(await stepsSaved()).toBe(0);
    expect(await files()).not.toContain("weights/last.safetensors");
  });

  test("of a fit that diverged stay as they were", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await written(1);
    learner.steps = 5;
    await saver.batchEnd();
    await saver.fitEnd(noState, new DivergedError("the loss is NaN"));
    expect(await stepsSaved()).toBe(0);
    expect(await files()).not.toContain("weights/last.safetensors");
  });
});

describe("a fit that ends early", () => {
  test("leaves a checkpoint that a new process goes on from", async () => {
    const saver = saverWith({ phases: 2 });
    saver.begin(0);
    await saver.fitStart(noState);
    await epoch(saver, 0.9);
    await saver.fitEnd(noState, undefined);
    learner.history = [];
    saver.begin(1);
    await saver.fitStart(noState);
    await epoch(saver, 0.5);
    await saver.fitEnd(noState, new Interrupted("SIGINT"));

    const { phase, earlier, position } = (await run.checkpoints.read())!.checkpoint;
    expect([phase, earlier.length, position.history.length]).toEqual([1, 1, 1]);
    learner.history = [...position.history];
    const next = saverWith({ phases: 2, earlier, best: await run.readBest() });
    expect(next.trained).toBe(true);
    next.begin(phase);
    await next.fitStart({ ...noState, history: position.history });
    await epoch(next, 0.7);
    await next.fitEnd(noState, undefined);
    expect(next.best?.epoch).toBe(0);
    expect(await valueOf("best")).toBe(1);
    expect((await readFile(run.file("results.csv"), "utf8")).trim().split("\n")).toHaveLength(4);
  });

  test("before its first batch is not trained, and writes no weights", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await saver.fitEnd(noState, new Interrupted("SIGINT"));
    expect(saver.trained).toBe(false);
    expect((await files()).filter((file) => file.startsWith("weights"))).toEqual([]);
  });

  test("best weights newer than the checkpoint stay until an epoch is better than they are", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await epoch(saver, 0.8);
    await saver.fitEnd(noState, new Interrupted("SIGINT"));
    learner.history = [];
    const again = saverWith({ best: await run.readBest() });
    await again.fitStart(noState);
    await epoch(again, 0.7);
    await again.fitEnd(noState, undefined);
    expect(await run.readBest()).toMatchObject({ epoch: 0, metrics: { mean_iou: 0.8 } });
  });
});

describe("a disk that is full", () => {
  test("in the middle is a warning, and saving is tried again", async () => {
    const warnings: string[] = [];
    const saver = saverWith({ every: 0, onWarning: (message) => warnings.push(message) });
    await saver.fitStart(noState);
    await written(1);
    const disk = await breakDisk({ folder: run.path, at: 0, always: true });
    try {
      await saver.batchEnd();
      await written(2);
    } finally {
      disk.mend();
    }
    const file = join("checkpoints", "000002.safetensors");
    expect(warnings).toEqual([
      expect.stringMatching(
        `${file}: cannot be written: the disk is full; training goes on, and saving is tried again`,
      ),
    ]);
    expect(await stepsSaved()).toBe(0);
    await epoch(saver, 0.5);
    await written(3);
    expect(await stepsSaved()).toBe(1);
  });

  test("at the end is an error that says what is safe, and where", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await written(1);
    await epoch(saver, 0.5);
    await written(2);
    learner.steps = 7;
    const disk = await breakDisk({ folder: run.path, at: 0, always: true });
    try {
      const error: unknown = await saver.fitEnd(noState, new Interrupted("SIGINT")).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ResourceError);
      expect(error).toMatchObject({
        message: `${run.path}/checkpoints/000003.safetensors: cannot be written: the disk is full`,
        hint:
          "Free some disk space, or choose a folder that can be written. " +
          `Safe in ${run.path}: the checkpoint of epoch 1, batch 0 (checkpoints/000002.safetensors) ` +
          "and the weights of epoch 0 (weights/best.safetensors).",
      });
    } finally {
      disk.mend();
    }
    expect(await stepsSaved()).toBe(1);
  });

  test("a fault that is not the disk's ends the training", async () => {
    const saver = saverWith({ every: 0 });
    await saver.fitStart(noState);
    await written(1);
    vi.spyOn(learner, "checkpoint").mockRejectedValue(new ResourceError("engine: the training thread died"));
    await expect(saver.batchEnd()).rejects.toThrow("the training thread died");
  });
});
