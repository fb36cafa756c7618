import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import type { ModelCard } from "../inference/card.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { metrics } from "../metrics/index.ts";
import type { StateDict } from "../nn/state.ts";
import { Interrupted, ResourceError } from "../util/errors.ts";
import type { EpochResult, FitState } from "./callback.ts";
import { RunFolder } from "./run-folder.node.ts";
import { type SavedLearner, SaveRun, type SaveRunOptions } from "./save-run.node.ts";

const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "resnet18", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  classes: ["a", "b"],
  voidIndex: null,
  palette: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  size: [32, 32],
  stats: { mean: [0, 0, 0], std: [1, 1, 1] },
};

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

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  run = new RunFolder(await tempFolder());
  await run.create();
  learner = new CountingLearner();
});

afterEach(() => {
  vi.useRealTimers();
});

const saverWith = (options: Partial<SaveRunOptions> = {}): SaveRun =>
  new SaveRun(learner, run, { card, monitor: metrics.meanIou, phases: 1, data: "d", ...options });

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
  (await readdir(run.path, { recursive: true })).filter((name) => name.includes(".")).toSorted();
const valueOf = async (name: "best" | "last") => (await run.readWeights(name)).state.get("w")?.data[0];

describe("a fit that ends well", () => {
  test("leaves best and last weights and results, and no checkpoint", async () => {
    const saver = saverWith({ every: 0 });
    await saver.fitStart(noState);
    for (const iou of [0.2, 0.6, 0.4]) await epoch(saver, iou);
    expect(await files()).toContain("checkpoint.safetensors");
    await saver.fitEnd(noState, undefined);
    expect(await files()).toEqual(["results.csv", "weights/best.safetensors", "weights/last.safetensors"]);
    expect([await valueOf("best"), await valueOf("last"), saver.best?.epoch]).toEqual([2, 3, 1]);
    expect(await readFile(run.file("results.csv"), "utf8")).toMatchInlineSnapshot(`
      "epoch,train_loss,valid_loss,mean_iou,time
      0,1.000000,1.000000,0.200000,01:01
      1,1.000000,1.000000,0.600000,01:01
      2,1.000000,1.000000,0.400000,01:01
      "
    `);
  });

  test("goes on counting epochs through the fits of a run", async () => {
    const saver = saverWith({ phases: 2 });
    saver.begin(0);
    await saver.fitStart(noState);
    await epoch(saver, 0.9);
    await saver.fitEnd(noState, undefined);
    expect((await run.readCheckpoint()).phase).toBe(0);
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

test("a slow disk is written to less often: at most a twentieth of the time", async () => {
  const saver = saverWith({ every: 60 });
  await saver.fitStart(noState);
  const write = vi.spyOn(run, "writeCheckpoint").mockImplementation(async () => void vi.advanceTimersByTime(10_000));
  const savesAfter = async (seconds: number): Promise<number> => {
    vi.advanceTimersByTime(seconds * 1000);
    await saver.batchEnd();
    return write.mock.calls.length;
  };
  expect(await savesAfter(59)).toBe(0);
  expect(await savesAfter(1)).toBe(1);
  expect(await savesAfter(199)).toBe(1);
  expect(await savesAfter(1)).toBe(2);
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

    const { phase, earlier, position } = await run.readCheckpoint();
    expect([phase, earlier.length, position.history.length]).toEqual([1, 1, 1]);
    learner.history = [...position.history];
    const next = saverWith({ phases: 2, earlier });
    expect(next.trained).toBe(true);
    next.begin(phase);
    await next.fitStart({ ...noState, history: position.history });
    await epoch(next, 0.7);
    await next.fitEnd(noState, undefined);
    expect(next.best?.epoch).toBe(0);
    expect(await valueOf("best")).toBe(1);
    expect((await readFile(run.file("results.csv"), "utf8")).trim().split("\n")).toHaveLength(4);
  });

  test("before its first batch keeps nothing", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await saver.fitEnd(noState, new Interrupted("SIGINT"));
    expect(saver.trained).toBe(false);
    expect(await files()).toEqual(["results.csv"]);
  });
});

describe("a disk that is full", () => {
  const full = (): Promise<never> =>
    Promise.reject(
      new ResourceError("checkpoint.safetensors: cannot be written: the disk is full", {
        hint: "Free some disk space.",
      }),
    );

  test("in the middle is a warning, and saving is tried again", async () => {
    const warnings: string[] = [];
    const saver = saverWith({ every: 0, onWarning: (message) => warnings.push(message) });
    await saver.fitStart(noState);
    const write = vi.spyOn(run, "writeCheckpoint").mockImplementation(full);
    await saver.batchEnd();
    expect(warnings).toEqual([
      "checkpoint.safetensors: cannot be written: the disk is full; training goes on, and saving is tried again",
    ]);
    write.mockRestore();
    await epoch(saver, 0.5);
    expect(await run.canResume()).toBe(true);
  });

  test("at the end is an error that says what is safe", async () => {
    const saver = saverWith();
    await saver.fitStart(noState);
    await epoch(saver, 0.5);
    vi.spyOn(run, "writeCheckpoint").mockImplementation(full);
    const error: unknown = await saver.fitEnd(noState, new Interrupted("SIGINT")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceError);
    expect(error).toMatchObject({
      message: "checkpoint.safetensors: cannot be written: the disk is full",
      hint: "Free some disk space. Safe are the weights of epoch 0.",
    });
  });

  test("a fault that is not the disk's ends the training", async () => {
    const saver = saverWith({ every: 0 });
    await saver.fitStart(noState);
    vi.spyOn(learner, "checkpoint").mockRejectedValue(new ResourceError("engine: the training thread died"));
    await expect(saver.batchEnd()).rejects.toThrow("the training thread died");
  });
});
