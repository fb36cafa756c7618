import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfusionMatrix } from "../../src/metrics/confusion-matrix.ts";
import type { Metric } from "../../src/metrics/metric.ts";
import type { Callback, CallbackLearner, FitState } from "../../src/train/callback.ts";
import { type CallbackName, callbacks } from "../../src/train/callbacks/index.ts";
import { EarlyStopping } from "../../src/train/callbacks/early-stopping.ts";
import { ReduceLrOnPlateau } from "../../src/train/callbacks/reduce-lr-on-plateau.ts";
import { SaveModel } from "../../src/train/callbacks/save-model.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { numbersOf, SmallModel, smallLearner } from "../support/small-learner.ts";

/** One of each callback, as a run may have it. A missing one does not compile. */
const samples: Readonly<Record<CallbackName, () => Callback>> = {
  BnFreeze: () => new callbacks.BnFreeze(),
  CsvLogger: () => new callbacks.CsvLogger(),
  CutMix: () => new callbacks.CutMix({ seed: 3 }),
  EarlyStopping: () => new callbacks.EarlyStopping({ monitor: "train_loss", mode: "max", patience: 1 }),
  GradientAccumulation: () => new callbacks.GradientAccumulation({ batches: 3 }),
  GradientClipping: () => new callbacks.GradientClipping({ norm: 0.5 }),
  Mixup: () => new callbacks.Mixup({ seed: 3 }),
  ReduceLrOnPlateau: () => new callbacks.ReduceLrOnPlateau({ mode: "max", minLr: 1e-6 }),
  SaveModel: () => new callbacks.SaveModel({ monitor: "train_loss" }),
  StopAfterNBatches: () => new callbacks.StopAfterNBatches({ batches: 9 }),
  TensorBoard: () => new callbacks.TensorBoard(),
  TerminateOnNaN: () => new callbacks.TerminateOnNaN(),
  TimeBudget: () => new callbacks.TimeBudget({ minutes: 1e6 }),
  WeightAverage: () => new callbacks.WeightAverage({ decay: 0.9 }),
};

describe.each(Object.entries(samples))("%s", (_, make) => {
  const norm = () => new SmallModel({ norm: true });

  test("two fits of the same seed are the same, bit for bit", async () => {
    const results = [];
    for (let run = 0; run < 2; run++) {
      const learner = await smallLearner({ model: norm(), callbacks: [make()] });
      await learner.fitOneCycle(2, 1e-2);
      await learner.fit(1, 1e-3);
      results.push([await numbersOf(learner), learner.recorder.losses, learner.recorder.valLosses]);
    }
    expect(results[0]).toEqual(results[1]);
  });

  // A batch in the middle of an epoch, of a gathered step, and the end of an epoch.
  test.each([2, 5, 8])("a fit interrupted after %i batches goes on as if it had not been", async (batches) => {
    const host = () => new MemoryHost();
    const whole = await smallLearner({ model: norm(), host: host(), callbacks: [make()] });
    await whole.fitOneCycle(3, 1e-2);

    const files = host();
    const stopped = await smallLearner({ model: norm(), host: files, callbacks: [make()] });
    const controller = new AbortController();
    let taken: Uint8Array | undefined;
    let done = 0;
    const interrupt: Callback = {
      order: 100,
      batchEnd: () => void (++done === batches && controller.abort(new Error("interrupted"))),
      async fitEnd() {
        const position = { phase: 0, earlier: [], data: "", seed: 0, ...(await stopped.checkpoint()) };
        taken = Uint8Array.from(Buffer.concat(encodeCheckpoint(position)));
      },
    };
    const fit = stopped.fitOneCycle(3, 1e-2, { signal: controller.signal, callbacks: [interrupt] });
    await expect(fit).rejects.toThrow("interrupted");

    const { weights, optimizer, position } = decodeCheckpoint(taken!);
    const resumed = await smallLearner({ model: norm(), host: files, weights, callbacks: [make()] });
    await resumed.engine.setOptimizerState(optimizer);
    await resumed.fitOneCycle(3, 1e-2, { from: position });
    expect(await numbersOf(resumed)).toEqual(await numbersOf(whole));
    const results = ({ recorder }: typeof whole) =>
      recorder.epochs.map(({ epoch, trainLoss, validation: { loss, metrics, confusion } }) => {
        return { epoch, trainLoss, loss, metrics, counts: [...confusion.counts] };
      });
    expect(results(resumed)).toEqual(results(whole));
    expect(resumed.recorder.losses.at(-1)).toBe(whole.recorder.losses.at(-1));
  });
});

interface Tracked {
  class: "EarlyStoppingCallback" | "SaveModelCallback" | "ReduceLROnPlateauCallback";
  kwargs: { monitor?: string; patience?: number; min_delta?: number; factor?: number; min_lr?: number } & {
    name?: string;
    every?: "epoch";
  };
  values: number[];
  metric: number[] | null;
  log: {
    monitored: number;
    best: number | "Infinity";
    wait: number | null;
    saved: string[];
    stop: boolean;
    lr: number;
  }[];
}

/** Drives a callback with made-up epochs, as scripts of the golden file drove fastai's. */
describe("fastai's decisions", () => {
  const { trackers } = JSON.parse(readFileSync(new URL("../golden/callbacks.json", import.meta.url), "utf8")) as {
    trackers: Tracked[];
  };
  const accuracy: Metric = { title: "acc_camvid", better: "higher", compute: () => NaN };

  function make({ class: kind, kwargs }: Tracked): EarlyStopping | SaveModel | ReduceLrOnPlateau {
    const { monitor, patience, min_delta: minDelta, factor, min_lr: minLr, name, every } = kwargs;
    const given = { monitor, patience, minDelta, factor, minLr, name, every };
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    if (kind === "EarlyStoppingCallback") return new EarlyStopping(options);
    return kind === "SaveModelCallback" ? new SaveModel(options) : new ReduceLrOnPlateau(options);
  }

  test.each(trackers.map((tracked) => [tracked.class, JSON.stringify(tracked.kwargs), tracked] as const))(
    "%s %s",
    async (_, __, tracked) => {
      const saved: string[] = [];
      const learner = {
        metrics: [accuracy],
        requireSavable: async () => {},
        save: async (name: string) => (saved.push(name), name),
      } as unknown as CallbackLearner;
      const state = { lr: [1e-3, 1e-2], lrFactor: 1, stopped: false, stop: () => void (state.stopped = true) };
      const fit = state as unknown as FitState;
      const callback = make(tracked);
      await callback.fitStart(fit, learner);
      for (const [epoch, entry] of tracked.log.entries()) {
        saved.length = 0;
        const metrics = { acc_camvid: tracked.metric?.[epoch] ?? NaN };
        const validation = { loss: tracked.values[epoch]!, confusion: new ConfusionMatrix(2), metrics };
        await callback.epochEnd(fit, { epoch, trainLoss: 1, validation, seconds: 0 });
        state.lr = [1e-3 * state.lrFactor, 1e-2 * state.lrFactor];
        expect(state.lr).toEqual([expect.closeTo(entry.lr / 10, 12), expect.closeTo(entry.lr, 12)]);
        expect([state.stopped, saved]).toEqual([entry.stop, entry.saved]);
        if (entry.best === "Infinity") expect(callback.memory.best).toBeNaN();
        else expect(callback.memory.best).toBeCloseTo(entry.best, 6);
        if (entry.wait !== null && "wait" in callback.memory) expect(callback.memory.wait).toBe(entry.wait);
      }
    },
  );

  test("a number that is not there is an error before the first batch", async () => {
    const learner = await smallLearner({ callbacks: [new EarlyStopping({ monitor: "val_loss" })] });
    const error: unknown = await learner.fit(1).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: 'callback: there is no "val_loss" to watch',
      hint: "There are: train_loss, valid_loss, acc_camvid, mean_iou.",
    });
    expect(learner.recorder.losses).toEqual([]);
  });
});
