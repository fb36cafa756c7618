/** @file Callbacks that write files or end a fit. */
import { describe, expect, test } from "vitest";
import type { Callback, FitState } from "../../src/train/callback.ts";
import { CsvLogger } from "../../src/train/callbacks/csv-logger.ts";
import { ReduceLrOnPlateau } from "../../src/train/callbacks/reduce-lr-on-plateau.ts";
import { SaveModel } from "../../src/train/callbacks/save-model.ts";
import { StopAfterNBatches } from "../../src/train/callbacks/stop-after-n-batches.ts";
import { TimeBudget } from "../../src/train/callbacks/time-budget.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { ResourceError } from "../../src/util/errors.ts";
import { numbersOf, smallLearner } from "../support/small-learner.ts";

/** Makes an epoch's validation loss what the list says. */
const pretend = (values: readonly number[]): Callback => ({
  order: -20,
  epochEnd: (_, result) => void Object.assign(result.validation, { loss: values[result.epoch] }),
});

describe("SaveModel", () => {
  test("ends with the best epoch's weights", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [pretend([3, 1, 2]), new SaveModel({ name: "best" })] });
    let second: Record<string, number[]> = {};
    const watch: Callback = {
      epochEnd: async (_, { epoch }) => void (epoch === 1 && (second = await numbersOf(learner))),
    };
    await learner.fit(3, 1e-2, { callbacks: [watch] });
    expect(await numbersOf(learner)).toEqual(second);
    expect([...host.files.keys()]).toEqual(["models/best.safetensors"]);
  });

  test("every epoch, with the optimizer's state", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [new SaveModel({ every: "epoch", withOpt: true })] });
    await learner.fit(2, 1e-2);
    expect([...host.files.keys()].filter((name) => !name.includes("optimizer"))).toEqual([
      "models/bestmodel_0.safetensors",
      "models/bestmodel_1.safetensors",
    ]);
    const last = await numbersOf(learner);
    await learner.load("bestmodel_0");
    expect((await learner.engine.optimizerState()).step).toBe(4);
    expect(await numbersOf(learner)).not.toEqual(last);
  });

  test("a folder that cannot be written is known before the first batch", async () => {
    const host = new MemoryHost();
    host.requireWritable = () =>
      Promise.reject(new ResourceError("folder models cannot be written: permission denied"));
    const learner = await smallLearner({ host, callbacks: [new SaveModel()] });
    await expect(learner.fit(1)).rejects.toThrow("folder models cannot be written: permission denied");
    expect(learner.recorder.losses).toEqual([]);
  });

  test("a file of an earlier fit is not taken for this one's best", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [pretend([NaN])] });
    await learner.save("bestmodel");
    await learner.fit(1, 1e-2, { callbacks: [new SaveModel()] });
    const trained = await numbersOf(learner);
    await learner.load("bestmodel");
    expect(await numbersOf(learner)).not.toEqual(trained);
  });
});

describe("CsvLogger", () => {
  const textOf = (host: MemoryHost, file: string): string =>
    new TextDecoder().decode(host.files.get(file)).replaceAll(/\d\.\d{6}/g, "#");

  test("has a line of each epoch, there as soon as the epoch is over", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, path: "out", callbacks: [new CsvLogger()] });
    const lines: number[] = [];
    const watch: Callback = {
      order: 1,
      epochEnd: () => void lines.push(textOf(host, "out/history.csv").trim().split("\n").length),
    };
    await learner.fit(2, 1e-3, { callbacks: [watch] });
    expect(lines).toEqual([2, 3]);
    expect(textOf(host, "out/history.csv")).toBe(
      "epoch,train_loss,valid_loss,acc_camvid,mean_iou,time\n0,#,#,#,#,00:00\n1,#,#,#,#,00:00\n",
    );
  });

  test("appends where it is asked to, and skipped validations are #na#", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host });
    const skip: Callback = { epochStart: (state) => state.skipValidation() };
    await learner.fit(1, 1e-3, { callbacks: [new CsvLogger({ filename: "log" })] });
    await learner.fit(1, 1e-3, { callbacks: [new CsvLogger({ filename: "log", append: true }), skip] });
    expect(textOf(host, "log.csv").split("\n").slice(1)).toEqual(["0,#,#,#,#,00:00", "0,#,#na#,#na#,#na#,00:00", ""]);
    await learner.fit(1, 1e-3, { callbacks: [new CsvLogger({ filename: "log" })] });
    expect(textOf(host, "log.csv").split("\n")).toHaveLength(3);
  });
});

test("ReduceLrOnPlateau lowers all groups alike from the next epoch on", async () => {
  const rates: (readonly number[])[] = [];
  const watch: Callback = { epochEnd: ({ lr }) => void rates.push(lr) };
  const learner = await smallLearner({ callbacks: [pretend([1, 2, 0, 3]), new ReduceLrOnPlateau(), watch] });
  await learner.fit(4, { start: null, stop: 1e-2 });
  const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12) as number);
  expect(rates).toEqual([
    ...[close([1e-3, 1e-3, 1e-2]), close([1e-3, 1e-3, 1e-2])],
    ...[close([2e-4, 2e-4, 2e-3]), close([2e-4, 2e-4, 2e-3])],
  ]);
});

test("StopAfterNBatches stops without validation", async () => {
  const learner = await smallLearner({ callbacks: [new StopAfterNBatches({ batches: 6 })] });
  await learner.fit(3, 1e-3);
  expect([learner.recorder.losses.length, learner.recorder.epochs.length]).toEqual([6, 1]);
});

describe("TimeBudget", () => {
  /** A clock that a batch moves by 10 s and a validation by 4 s, and what became of a fit of 5 epochs of 4 batches. */
  async function run(minutes: number) {
    let time = 0;
    const slow: Callback = {
      order: -1,
      batchStart: () => void (time += 10_000),
      validationStart: () => void 0,
      epochEnd: () => void (time += 4000),
    };
    const seen: { lr: number; momentum: number }[] = [];
    const watch: Callback = { batchEnd: ({ lr, momentum }: FitState) => void seen.push({ lr: lr[0]!, momentum }) };
    const learner = await smallLearner({ callbacks: [slow, new TimeBudget({ minutes, now: () => time }), watch] });
    await learner.fitOneCycle(5, 1e-2);
    return { seen, epochs: learner.recorder.epochs.length, minutes: time / 60_000 };
  }

  test("with time enough changes nothing", async () => {
    const [{ seen, epochs }, plain] = [await run(10), await smallLearner()];
    expect([seen.length, epochs]).toEqual([20, 5]);
    await plain.fitOneCycle(5, 1e-2);
    expect(seen.map(({ lr }) => lr)).toEqual(plain.recorder.lrs);
  });

  test.each([2.5, 2, 1])(
    "in %f minutes goes through the schedule faster, validates, and ends in time",
    async (budget) => {
      const { seen, epochs, minutes } = await run(budget);
      expect(minutes).toBeLessThanOrEqual(budget);
      expect(minutes).toBeGreaterThan(budget * 0.7);
      expect(seen.length).toBeLessThan(20);
      expect(epochs).toBe(Math.ceil(seen.length / 4));
      // The rate has gone up, and comes down again.
      expect(Math.max(...seen.map(({ lr }) => lr))).toBeGreaterThan(5e-3);
      expect(seen.at(-1)!.lr).toBeLessThan(5e-3);
    },
  );

  test("that is over at once still ends with a validation", async () => {
    const { seen, epochs } = await run(0.1);
    expect(seen.length).toBeLessThanOrEqual(2);
    expect(epochs).toBe(1);
  });
});
