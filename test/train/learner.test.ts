import { describe, expect, test } from "vitest";
import { slice } from "../../src/optim/groups.ts";
import { phasedSchedule } from "../../src/optim/phases.ts";
import { oneCycle } from "../../src/optim/schedule.ts";
import type { Callback, FitState, TrainingStep } from "../../src/train/callback.ts";
import type { Learner } from "../../src/train/learner.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { DivergedError, ResourceError } from "../../src/util/errors.ts";
import { numbersOf, SmallModel, smallLearner } from "../support/small-learner.ts";

/** Records the rates of all groups and the momentum of every step. */
class Rates implements Callback {
  readonly lr: number[][] = [];
  readonly momentum: number[] = [];

  batchEnd({ lr, momentum }: FitState): void {
    this.lr.push([...lr]);
    this.momentum.push(momentum);
  }
}

async function ratesOf(train: (learner: Learner, callbacks: readonly Callback[]) => Promise<void>) {
  const rates = new Rates();
  await train(await smallLearner(), [rates]);
  return rates;
}

describe("fits", () => {
  test("fitOneCycle with every argument takes the schedule's rates and momenta, and lowers the loss", async () => {
    const learner = await smallLearner();
    const rates = new Rates();
    const options = { moms: [0.9, 0.8], divFactor: 10, pctStart: 0.5, finalDiv: 100 } as const;
    await learner.fitOneCycle(5, slice(1e-2, 1e-1), { ...options, wd: 0.1, callbacks: [rates] });
    const expected = oneCycle({ ...options, maxLr: [1e-2, Math.sqrt(1e-3), 1e-1], batches: 20 });
    const steps = Array.from({ length: 20 }, (_, i) => expected.at(i));
    expect(rates.momentum).toEqual(steps.map(({ mom }) => mom));
    for (const [i, { lr }] of steps.entries())
      for (const [group, rate] of lr.entries()) expect(rates.lr[i]![group]).toBeCloseTo(rate, 12);
    const { losses, lrs, moms, valLosses, metrics, nbBatches } = learner.recorder;
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.85);
    expect([lrs.length, moms.length, valLosses.length, metrics.length]).toEqual([20, 20, 5, 5]);
    expect(nbBatches).toEqual([4, 4, 4, 4, 4]);
  });

  test("totEpochs and startEpoch are stretches of one schedule and of one order", async () => {
    const whole = await ratesOf((learner, callbacks) => learner.fitOneCycle(4, 1e-2, { callbacks }));
    const learner = await smallLearner();
    const rates = new Rates();
    await learner.fitOneCycle(1, 1e-2, { totEpochs: 4, callbacks: [rates] });
    await learner.fitOneCycle(9, 1e-2, { totEpochs: 4, startEpoch: 1, callbacks: [rates] });
    expect(rates).toEqual(whole);
    expect(learner.recorder.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    const uninterrupted = await smallLearner();
    await uninterrupted.fitOneCycle(4, 1e-2);
    expect(await numbersOf(learner)).toEqual(await numbersOf(uninterrupted));
  });

  test("fit keeps the momentum that the last fit has left; unfreeze takes it back", async () => {
    const learner = await smallLearner();
    const rates = new Rates();
    await learner.fit(1, 1e-3, { callbacks: [rates] });
    await learner.fitOneCycle(1, 1e-3);
    await learner.fit(1, slice(1e-3), { callbacks: [rates] });
    await learner.unfreeze();
    await learner.fit(1, 1e-3, { callbacks: [rates] });
    expect(rates.momentum.filter((_, i) => i % 4 === 0)).toEqual([0.9, 0.95, 0.9]);
    expect(rates.lr[4]).toEqual([1e-4, 1e-4, 1e-3]);
  });

  test("fitFlatCos is flat, then falls to 0", async () => {
    const { lr, momentum } = await ratesOf((learner, callbacks) => learner.fitFlatCos(5, 1e-2, { callbacks }));
    // 72 % of 20 batches.
    expect(lr.slice(0, 15).every(([rate]) => rate === 1e-2)).toBe(true);
    expect(momentum).toEqual([...Array<number>(15).fill(0.95), ...Array<number>(5).fill(0.85)]);
    const cos = (p: number): number => (1e-2 / 2) * (1 + Math.cos(Math.PI * p));
    for (let j = 1; j < 6; j++) expect(lr[14 + j]![0]).toBeCloseTo(cos(j / 6), 12);
  });

  test("fitSchedule takes phases of one's own", async () => {
    const { lr } = await ratesOf((learner, callbacks) =>
      learner.fitSchedule(
        1,
        ({ lrRange }) =>
          phasedSchedule([
            { batches: 2, lr: { from: lrRange(1e-3), to: lrRange(3e-3) }, mom: 0.9 },
            { batches: 2, lr: lrRange(5e-3), mom: 0.8 },
          ]),
        { callbacks },
      ),
    );
    expect(lr.map(([rate]) => rate)).toEqual([1e-3, 2e-3, 3e-3, 5e-3]);
  });

  test("fineTune trains the head, then everything at half the rate", async () => {
    const learner = await smallLearner();
    const rates = new Rates();
    const before = await numbersOf(learner);
    let afterHead: Record<string, number[]> = {};
    const watch: Callback = {
      async fitEnd() {
        if (rates.lr.length === 4) afterHead = await numbersOf(learner);
      },
    };
    await learner.fineTune(3, 2e-2, { lrMult: 10, callbacks: [rates, watch] });
    for (const name of ["encoder.shallow.weight", "encoder.deep.bias"]) expect(afterHead[name]).toEqual(before[name]);
    expect(afterHead["head.weight"]).not.toEqual(before["head.weight"]);
    expect((await numbersOf(learner))["encoder.shallow.weight"]).not.toEqual(before["encoder.shallow.weight"]);
    const peak = (from: number, to: number, group: number): number =>
      Math.max(...rates.lr.slice(from, to).map((lr) => lr[group]!));
    expect(peak(0, 4, 2)).toBeCloseTo(2e-2, 12);
    expect([peak(4, 16, 0), peak(4, 16, 2)]).toEqual([expect.closeTo(1e-3, 12), expect.closeTo(1e-2, 12)]);
  });

  test("fits after each other keep the optimizer's state and have orders of their own; unfreeze forgets it", async () => {
    const learner = await smallLearner();
    await learner.fit(2, 1e-3);
    await learner.fit(1, 1e-3);
    expect(learner.data.train.epochs).toEqual([0, 1, 2]);
    expect((await learner.engine.optimizerState()).step).toBe(12);
    await learner.unfreeze();
    expect(await learner.engine.optimizerState()).toEqual({ step: 0, slots: {} });
  });

  test.each([
    [(learner: Learner) => learner.fit(0), "fit: expected epochs to be a whole number of at least 1, but received 0"],
    [
      (learner: Learner) => learner.fitOneCycle(1, 1e-3, { startEpoch: -1 }),
      "fit: expected startEpoch to be a whole number of at least 0, but received -1",
    ],
    [
      (learner: Learner) => learner.fit(1, 1e-3, { wd: [0.1] }),
      "layer group 1: expected a weight decay for it, but received none",
    ],
    [
      (learner: Learner) => learner.fitFlatCos(1, 1e-3, { startPct: 2 }),
      "flatCos: expected startPct to be a number in [0, 1], but received 2",
    ],
  ])("wrong arguments %#", async (train, message) => {
    await expect((async () => train(await smallLearner()))()).rejects.toThrow(message);
  });
});

describe("weight decay", () => {
  const rate = 1e-3;
  /** One step without any gradient to speak of: what the decay alone does to the weights of a group. */
  async function decayed(options: Parameters<typeof smallLearner>[0]) {
    const learner = await smallLearner({ ...options, batches: 1 });
    const plain = await smallLearner({ ...options, wd: 0, batches: 1 });
    const before = await numbersOf(learner);
    await learner.fit(1, rate);
    await plain.fit(1, rate);
    const [with_, without] = [await numbersOf(learner), await numbersOf(plain)];
    return (name: string): number => (without[name]![0]! - with_[name]![0]!) / before[name]![0]! / rate;
  }

  test("is decoupled, of all parameters unless bnWd is false, and one for each group", async () => {
    const all = await decayed({ wd: [0.1, 0.2, 0.4] });
    expect(all("encoder.shallow.weight")).toBeCloseTo(0.1, 2);
    expect(all("encoder.deep.weight")).toBeCloseTo(0.2, 2);
    expect(all("head.weight")).toBeCloseTo(0.4, 2);
    expect(all("head.bias")).toBeCloseTo(0.4, 2);
    const weights = await decayed({ wd: 0.4, bnWd: false });
    expect(weights("head.weight")).toBeCloseTo(0.4, 2);
    expect(weights("head.bias")).toBe(0);
  });

  test("with trueWd false goes through the gradient", async () => {
    const learner = await smallLearner({ trueWd: false, wd: 0.5, optimizer: { name: "sgd" }, batches: 1 });
    const plain = await smallLearner({ wd: 0, optimizer: { name: "sgd" }, batches: 1 });
    const before = await numbersOf(learner);
    for (const each of [learner, plain]) {
      await each.fit(1, rate);
      await each.fit(1, rate);
    }
    // Momentum 0.9 carries the first step's decay into the second.
    const expected = before["head.weight"]![0]! * 0.5 * (1 + 1.9) * rate;
    const [a, b] = [await numbersOf(learner), await numbersOf(plain)];
    expect((b["head.weight"]![0]! - a["head.weight"]![0]!) / expected).toBeCloseTo(1, 2);
  });
});

describe("frozen groups", () => {
  const norms = ["encoder.norm.weight", "encoder.norm.bias"];

  test.each([true, false])("freezeTo trains the last group, and batch norms with trainBn (%s)", async (trainBn) => {
    const learner = await smallLearner({ model: new SmallModel({ norm: true }), trainBn });
    const before = await numbersOf(learner);
    await learner.freezeTo(-1);
    await learner.fit(1, 1e-2);
    const after = await numbersOf(learner);
    const changed = Object.keys(after).filter((name) => after[name]!.some((x, i) => x !== before[name]![i]));
    const statistics = ["encoder.norm.running_mean", "encoder.norm.running_var"];
    expect(changed.toSorted()).toEqual(
      [...statistics, "head.weight", "head.bias", ...(trainBn ? norms : [])].toSorted(),
    );
  });
});

describe("save and load", () => {
  test("bring weights and the optimizer's state back", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, path: "runs/small" });
    await learner.fit(1, 1e-2);
    expect(await learner.save("stage-1")).toBe("runs/small/models/stage-1.safetensors");
    expect([...host.files.keys()]).toEqual([
      "runs/small/models/stage-1.safetensors",
      "runs/small/models/stage-1.optimizer.safetensors",
    ]);
    const [weights, optimizer] = [await numbersOf(learner), await learner.engine.optimizerState()];
    const other = await smallLearner({ host, path: "runs/small", seed: 5 });
    await other.load("stage-1");
    expect(await numbersOf(other)).toEqual(weights);
    expect(await other.engine.optimizerState()).toEqual(optimizer);
    await other.load("stage-1", { withOpt: false });
    expect((await other.engine.optimizerState()).step).toBe(0);
  });

  test("without the optimizer; withOpt true demands it", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host });
    await learner.save("x", { withOpt: true });
    await learner.save("x", { withOpt: false });
    expect([...host.files.keys()]).toEqual(["models/x.safetensors"]);
    await learner.load("x");
    await expect(learner.load("x", { withOpt: true })).rejects.toThrow(
      "models/x.optimizer.safetensors: cannot be read",
    );
    await expect(learner.load("y")).rejects.toThrow("models/y.safetensors: cannot be read");
  });

  test("an optimizer's state of another network is refused before anything changes", async () => {
    const host = new MemoryHost();
    const normed = await smallLearner({ host, model: new SmallModel({ norm: true }) });
    await normed.fit(1, 1e-2);
    await normed.save("normed");
    const learner = await smallLearner({ host, seed: 9 });
    await learner.save("mixed", { withOpt: false });
    host.files.set("models/mixed.optimizer.safetensors", host.files.get("models/normed.optimizer.safetensors")!);
    await learner.fit(1, 1e-2);
    const before = await numbersOf(learner);
    await expect(learner.load("mixed")).rejects.toThrow(
      "load: the optimizer's state saved with mixed is that of another network",
    );
    expect(await numbersOf(learner)).toEqual(before);
    await expect(learner.engine.setOptimizerState(await normed.engine.optimizerState())).rejects.toThrow(
      /^optimizer: expected state of no values for "encoder\.norm\.(weight|bias)", but received 6$/,
    );
  });

  test("strict false takes what fits by name", async () => {
    const host = new MemoryHost();
    const normed = await smallLearner({ host, model: new SmallModel({ norm: true }) });
    await normed.save("normed", { withOpt: false });
    const learner = await smallLearner({ host, seed: 9 });
    await expect(learner.load("normed")).rejects.toThrow(/load: the weights do not fit the model: 4 unexpected/);
    await learner.load("normed", { strict: false });
    expect((await numbersOf(learner))["head.weight"]).toEqual((await numbersOf(normed))["head.weight"]);
  });

  test("a folder that cannot be written is known before anything else, and no host is an error", async () => {
    const host = new MemoryHost();
    host.requireWritable = async (folder) => {
      throw new ResourceError(`folder ${folder} cannot be written`);
    };
    const learner = await smallLearner({ host });
    await expect(learner.save("x")).rejects.toThrow("folder models cannot be written");
    const { engine, data, model } = learner;
    const { Learner } = await import("../../src/train/learner.ts");
    await expect((await Learner.create(data, model, engine)).save("x")).rejects.toThrow(
      "learner: there is no place for files",
    );
  });
});

test("validate runs over other batches and metrics", async () => {
  const learner = await smallLearner();
  const { loader, metrics } = { loader: learner.data.train, metrics: [] };
  const evaluation = await learner.validate({ loader, metrics });
  expect(evaluation.metrics).toEqual({});
  expect(evaluation.confusion.counts.reduce((sum, count) => sum + count)).toBe(4 * 2 * 6 * 8);
  expect((await learner.validate()).loss).not.toBe(evaluation.loss);
});

describe("a user's callback", () => {
  test("in ten lines: acts on the steps, and finds the learner", async () => {
    class HalveEveryOther implements Callback {
      readonly order = 5;
      saved = "";

      batchStart({ batch }: FitState, step: TrainingStep): void {
        if (batch % 2 === 1) step.lr = step.lr.map((rate) => rate / 2);
      }

      async fitStart(_: FitState, learner: Parameters<NonNullable<Callback["fitStart"]>>[1]): Promise<void> {
        this.saved = await learner.save("before", { withOpt: false });
      }
    }
    const learner = await smallLearner({ callbacks: [new HalveEveryOther()] });
    await learner.fit(1, 1e-2);
    expect(learner.recorder.lrs).toEqual([1e-2, 5e-3, 1e-2, 5e-3]);
    expect(learner.callback(HalveEveryOther)?.saved).toBe("models/before.safetensors");
  });

  test("callbacks are told in their order; all are told of the end, whatever happens", async () => {
    const told: string[] = [];
    const teller = (name: string, order: number, fails = false): Callback => ({
      order,
      epochStart: () => void told.push(name),
      fitEnd: (_, error) => {
        told.push(`${name} ${String(error)}`);
        if (fails) throw new Error("no end");
      },
    });
    const learner = await smallLearner({ callbacks: [teller("late", 1)] });
    const early = [teller("early", -1, true), teller("middle", 0)];
    await expect(learner.fit(1, 1e-3, { callbacks: early })).rejects.toThrow("no end");
    expect(told).toEqual(["early", "middle", "late", "early undefined", "middle undefined", "late undefined"]);
  });
});

test("a loss that is no number fails, with the weights from before", async () => {
  const learner = await smallLearner();
  const before = await numbersOf(learner);
  const poison: Callback = { batchStart: (_, step) => void (step.batch.images[0] = NaN) };
  await expect(learner.fit(1, 1e-3, { callbacks: [poison] })).rejects.toBeInstanceOf(DivergedError);
  expect(await numbersOf(learner)).toEqual(before);
});
