import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lrSweep, StopRule, suggestLr } from "../../src/optim/lr-sweep.ts";
import { SmoothLoss } from "../../src/optim/smooth-loss.ts";
import { WeightAverage } from "../../src/train/callbacks/weight-average.ts";
import type { Callback } from "../../src/train/callback.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { numbersOf, SmallModel, smallLearner } from "../support/small-learner.ts";

interface Golden {
  lr_find: {
    start_lr: number;
    end_lr: number;
    num_it: number;
    lr_used_at_iteration: Record<string, number>;
    stop_rule_runaway: { raw: number | "NaN"; smooth: number | "NaN"; best: number; stop: boolean }[];
    stop_rule_nan: Golden["lr_find"]["stop_rule_runaway"];
  };
  lr_suggestion: { losses: number[]; lrs: number[]; min_grad_lr: number; min_loss_lr_div_10: number };
}
const { lr_find, lr_suggestion } = JSON.parse(
  readFileSync(new URL("../golden/schedules.json", import.meta.url), "utf8"),
) as Golden;

describe("as fastai", () => {
  test("the rates of a sweep", () => {
    const { start_lr: startLr, end_lr: endLr, num_it: numIt } = lr_find;
    const sweep = lrSweep({ startLr, endLr, numIt, groups: 2, mom: 0.9 });
    for (const [i, rate] of Object.entries(lr_find.lr_used_at_iteration)) {
      const { lr, mom } = sweep.at(Number(i));
      expect(lr.map((each) => each / rate)).toEqual([expect.closeTo(1, 8), expect.closeTo(1, 8)]);
      expect(mom).toBe(0.9);
    }
  });

  test.each(["stop_rule_runaway", "stop_rule_nan"] as const)("the stop rule: %s", (name) => {
    const [rule, loss] = [new StopRule(), new SmoothLoss()];
    for (const { raw, smooth, best, stop } of lr_find[name]) {
      const value = loss.add(Number(raw));
      if (smooth === "NaN") expect(value).toBeNaN();
      else expect(value).toBeCloseTo(smooth, 5);
      expect([rule.add(value), rule.best]).toEqual([stop, expect.closeTo(best, 5)]);
    }
  });

  test("the suggestions", () => {
    const { losses, lrs, min_grad_lr, min_loss_lr_div_10 } = lr_suggestion;
    const { suggestion, minimumTenth } = suggestLr(losses, lrs, { skipStart: 0, skipEnd: 0 });
    expect(suggestion).toBeCloseTo(min_grad_lr, 12);
    expect(minimumTenth).toBeCloseTo(min_loss_lr_div_10, 12);
    expect(suggestLr(losses, lrs)).toEqual({ suggestion: null, minimumTenth: null });
  });
});

describe("lrFind", () => {
  /** A learner in the middle of things: trained, its averages kept. */
  async function trained(host = new MemoryHost()) {
    const learner = await smallLearner({
      host,
      model: new SmallModel({ norm: true }),
      callbacks: [new WeightAverage()],
    });
    await learner.fitOneCycle(1, 1e-2);
    return learner;
  }

  async function everything(learner: Awaited<ReturnType<typeof trained>>) {
    const { weights, ...rest } = await learner.checkpoint();
    return { weights: Object.fromEntries(weights), ...rest };
  }

  test("measures, and leaves weights, buffers, optimizer, files and the recorder as they were", async () => {
    const host = new MemoryHost();
    const learner = await trained(host);
    const before = await everything(learner);
    const recorded = [...learner.recorder.losses];
    const found = await learner.lrFind({ startLr: 1e-5, endLr: 10, numIt: 40, stopDiv: false });
    expect([found.losses.length, found.lrs.length]).toEqual([40, 40]);
    expect(found.lrs[0]).toBe(1e-5);
    expect(found.suggestion).toBeGreaterThan(1e-5);
    expect(found.suggestion).toBeLessThan(10);
    expect(found.minimumTenth).toBe(found.lrs[found.losses.indexOf(Math.min(...found.losses.slice(10, -5)))]! / 10);
    expect(await everything(learner)).toEqual(before);
    expect(learner.recorder.losses).toEqual(recorded);
    expect([...host.files.keys()]).toEqual([]);
    // The next fit has the order that it would have had.
    await learner.fit(1, 1e-3);
    expect(learner.data.train.epochs.at(-1)).toBe(1);
    expect(await found.plot("lr.svg")).toContain("<svg");
    expect([...host.files.keys()]).toEqual(["lr.svg"]);
  });

  test("does not train, so what follows is as without it", async () => {
    const [searched, plain] = [await smallLearner(), await smallLearner()];
    await searched.lrFind({ numIt: 10 });
    for (const learner of [searched, plain]) await learner.fitOneCycle(1, 1e-2);
    expect(await numbersOf(searched)).toEqual(await numbersOf(plain));
  });

  test("stops when the loss runs away, or is no number; too few points give no suggestion", async () => {
    const found = await (await smallLearner()).lrFind({ startLr: 1e-2, endLr: 1e4, numIt: 100 });
    expect(found.losses.length).toBeLessThan(100);
    expect(found.losses.at(-1)).toBeGreaterThan(4 * Math.min(...found.losses));
    const poison: Callback = {
      batchStart: ({ epoch, batch }, step) => void (epoch === 1 && batch === 1 && (step.batch.images[0] = NaN)),
    };
    const short = await (await smallLearner()).lrFind({ callbacks: [poison] });
    expect(short.losses).toHaveLength(5);
    expect([short.suggestion, short.minimumTenth]).toEqual([null, null]);
    expect(await short.plot()).toContain("<svg");
  });

  test("restores when it is interrupted, and when something throws", async () => {
    const learner = await trained();
    const before = await everything(learner);
    const controller = new AbortController();
    const stopper: Callback = {
      batchStart: ({ batch }) => void (batch === 2 && controller.abort(new Error("enough"))),
    };
    await expect(learner.lrFind({ signal: controller.signal, callbacks: [stopper] })).rejects.toThrow("enough");
    expect(await everything(learner)).toEqual(before);
    const broken: Callback = {
      batchStart: ({ batch }) => {
        if (batch === 2) throw new Error("broken");
      },
    };
    await expect(learner.lrFind({ callbacks: [broken] })).rejects.toThrow("broken");
    expect(await everything(learner)).toEqual(before);
  });

  test("all groups sweep alike, whatever callbacks are there to stop or save", async () => {
    const told: string[] = [];
    const watcher: Callback = {
      fitStart: () => void told.push("fitStart"),
      epochEnd: () => void told.push("epochEnd"),
      batchStart: (_, { lr }) => void told.push(new Set(lr).size === 1 ? "one rate" : "rates"),
    };
    const learner = await smallLearner({ callbacks: [watcher] });
    await learner.lrFind({ numIt: 6 });
    expect(told).toEqual(Array<string>(6).fill("one rate"));
  });
});
