import { describe, expect, test } from "vitest";
import { flatCos, phasedSchedule, type TrainingPhase } from "./phases.ts";
import { annealers, oneCycle, poly } from "./schedule.ts";

describe("phasedSchedule", () => {
  test.each([
    [20, 0.3],
    [20, 0],
    [7, 0.99],
    [1, 0.3],
  ])("two phases make a one-cycle, batch by batch (%i batches, pctStart %f)", (batches, pctStart) => {
    const cycle = oneCycle({ maxLr: [1e-3, 1e-2], batches, pctStart });
    const [low, high, last] = [
      [4e-5, 4e-4],
      [1e-3, 1e-2],
      [4e-9, 4e-8],
    ];
    const up = Math.trunc(batches * pctStart);
    const phases = phasedSchedule([
      {
        batches: up,
        lr: { from: low, to: high, curve: annealers.cos },
        mom: { from: 0.95, to: 0.85, curve: annealers.cos },
      },
      {
        ...{ batches: batches - up, lr: { from: high, to: last, curve: annealers.cos } },
        mom: { from: 0.85, to: 0.95, curve: annealers.cos },
      },
    ]);
    expect(phases.batches).toBe(batches);
    for (let i = 0; i <= batches; i++) {
      const [a, b] = [phases.at(i), cycle.at(i)];
      expect(a.mom).toBeCloseTo(b.mom, 12);
      for (const [group, rate] of a.lr.entries()) expect(rate).toBeCloseTo(b.lr[group]!, 12);
    }
  });

  test("each curve, between the batches too, and the end stays", () => {
    const phase = (curve: TrainingPhase["mom"]): TrainingPhase => ({ batches: 4, lr: [1], mom: curve });
    const schedule = phasedSchedule([
      phase({ from: 1, to: 3 }),
      phase({ from: 1, to: 16, curve: annealers.exp }),
      phase({ from: 1, to: 0, curve: poly(2) }),
      phase(0.5),
    ]);
    const values = [0, 1, 2.5, 4, 5, 6, 8, 10, 12, 13, 16, 99].map((at) => schedule.at(at).mom);
    expect(values).toEqual([1, 1.5, 2.25, 3, 2, 4, 16, 0.25, 0, 0.5, 0.5, 0.5]);
  });

  test("no phase is an error", () => {
    expect(() => phasedSchedule([])).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: schedule: expected at least one phase, but received none]`,
    );
  });
});

test("flatCos: fastai's fit_fc", () => {
  const schedule = flatCos({ lr: [1, 10], batches: 100 });
  expect(schedule.at(0)).toEqual({ lr: [1, 10], mom: 0.95 });
  expect(schedule.at(72)).toEqual({ lr: [1, 10], mom: 0.95 });
  expect(schedule.at(73).mom).toBe(0.85);
  expect(schedule.at(86).lr).toEqual([expect.closeTo(0.5, 12), expect.closeTo(5, 12)]);
  expect(schedule.at(100).lr).toEqual([expect.closeTo(0, 12), expect.closeTo(0, 12)]);
});
