import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lrRange, slice } from "./groups.ts";
import { type Annealer, annealers, type BatchHyper, constantSchedule, oneCycle, poly } from "./schedule.ts";
import { SmoothLoss } from "./smooth-loss.ts";

interface Fit {
  desc: string;
  call: "fit" | "fit_one_cycle";
  epochs: number;
  batches_per_epoch: number;
  kwargs: { pct_start?: number };
  lr_arg: string;
  lr_per_batch_per_group: number[][];
  mom_per_batch: number[];
  lr_after_fit: number[];
  mom_after_fit: number;
}
interface Samples {
  n_batches: number;
  a1: number;
  iterations: number[];
  lr: number[];
  mom: number[];
}
interface Golden {
  annealing: Record<string, number[]> & { start: number; end: number };
  one_cycle_cases: Fit[];
  one_cycle_headline_samples: Record<string, Samples>;
  smoothing: Record<string, { beta: number; smooth: number[] }> & { losses: number[] };
}
const golden = JSON.parse(readFileSync(new URL("../../test/golden/schedules.json", import.meta.url), "utf8")) as Golden;

const curves: Record<string, Annealer> = { ...annealers, poly_degree_2: poly(2), "poly_degree_0.5": poly(0.5) };

test.each(Object.entries(curves))("the %s curve", (name, curve) => {
  const { pcts, start, end } = golden.annealing;
  expectClose(
    pcts!.map((p) => curve(start, end, p)),
    golden.annealing[name]!,
  );
});

test.each(golden.one_cycle_cases)("batch by batch as fastai: $desc", (fit) => {
  const batches = fit.epochs * fit.batches_per_epoch;
  const lr = lrRange(parse(fit.lr_arg), 3);
  const schedule =
    fit.call === "fit"
      ? constantSchedule({ lr, mom: 0.9, batches })
      : oneCycle({ maxLr: lr, batches, ...(fit.kwargs.pct_start && { pctStart: fit.kwargs.pct_start }) });
  const steps = Array.from({ length: batches }, (_, i) => schedule.at(i));
  expectClose(
    steps.flatMap((step) => step.lr),
    fit.lr_per_batch_per_group.flat(),
  );
  expectClose(
    steps.map((step) => step.mom),
    fit.mom_per_batch,
  );
  expectClose(flat(schedule.at(batches)), [...fit.lr_after_fit, fit.mom_after_fit]);
});

const notebook = Object.entries(golden.one_cycle_headline_samples).map(
  ([name, samples], i) =>
    [name, samples, i === 0 ? { peak: 3e-3, pctStart: 0.9 } : { peak: 3e-3 / 4, pctStart: 0.8 }] as const,
);
test.each(notebook)("the notebook's %s", (_, samples, { peak, pctStart }) => {
  const schedule = oneCycle({ maxLr: [peak], batches: samples.n_batches, pctStart });
  const steps = samples.iterations.map((i) => schedule.at(i));
  expectClose(
    steps.map(({ lr }) => lr[0]!),
    samples.lr,
  );
  expectClose(
    steps.map(({ mom }) => mom),
    samples.mom,
  );
  expect(schedule.at(samples.a1)).toEqual({ lr: [peak], mom: 0.85 });
});

describe("oneCycle", () => {
  test.each([
    [1, 0.3],
    [2, 0.3],
    [10, 0],
    [10, 1],
    [3, 0.999],
  ])("%i batches with pctStart %f begin at max/25 and reach the peak", (batches, pctStart) => {
    const schedule = oneCycle({ maxLr: [1], batches, pctStart });
    expectClose(flat(schedule.at(0)), [1 / 25, 0.95]);
    const peak = Math.max(1, Math.trunc(batches * pctStart));
    expect(schedule.at(peak)).toEqual({ lr: [1], mom: 0.85 });
    for (let i = 0; i <= batches; i++) expect(schedule.at(i).lr[0]).toSatisfy((lr: number) => lr > 0 && lr <= 1);
  });

  test("its options move the ends", () => {
    const schedule = oneCycle({
      maxLr: [1, 2],
      batches: 4,
      pctStart: 0.5,
      divFactor: 10,
      finalDiv: 50,
      moms: [0.8, 0.7],
    });
    expectClose(
      [0, 2, 4].flatMap((i) => flat(schedule.at(i))),
      [0.1, 0.2, 0.8, 1, 2, 0.7, 1 / 50, 2 / 50, 0.8],
    );
  });

  test.each([
    { batches: 0 },
    { batches: 1.5 },
    { batches: 10, pctStart: 1.1 },
    { batches: 10, divFactor: 0 },
    { batches: 10, finalDiv: -1 },
  ])("%j is an error", (options) => {
    expect(() => oneCycle({ maxLr: [1], ...options })).toThrowError(/^oneCycle: expected /);
  });

  test("a batch outside the fit is an error", () => {
    expect(() => oneCycle({ maxLr: [1], batches: 10 }).at(11)).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: oneCycle: expected batch to be a number in [0, 10], but received 11]`,
    );
  });
});

test.each(["beta_0.98", "beta_0.9"])("SmoothLoss with %s", (name) => {
  const { beta, smooth } = golden.smoothing[name]!;
  const loss = new SmoothLoss(beta);
  expect(loss.value).toBeNaN();
  expectClose(
    golden.smoothing.losses.map((value) => loss.add(value)),
    smooth,
  );
  expect(loss.add(loss.value)).toBeCloseTo(smooth.at(-1)!, 8);
});

/** "0.001" or Python's "slice(None, b, None)". */
function parse(arg: string) {
  return arg.startsWith("slice") ? slice(Number(arg.split(",")[1])) : Number(arg);
}

function flat({ lr, mom }: BatchHyper): number[] {
  return [...lr, mom];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries())
    expect(Math.abs(value / expected[i]! - 1), `element ${i}: ${value} for ${expected[i]}`).toBeLessThan(1e-8);
}
