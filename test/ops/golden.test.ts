import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { backends } from "./backends.ts";
import { expectGolden, unused } from "./golden.ts";
import { Bench, onConstants, opNames, type Result, type Trial, trialsOf } from "./harness.ts";

test("every stored result belongs to a case", () => {
  expect(unused()).toEqual([]);
});

describe.each(Object.entries(backends))("values and gradients equal PyTorch's on %s", (_, { open, target }) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await open();
  });

  describe.each(opNames)("%s", (type) => {
    const trials = trialsOf(type);
    let bench: Bench;
    let results: Result[];
    beforeAll(async () => {
      bench = await Bench.load(runtime, { target }, trials);
      results = await bench.run();
    });
    afterAll(() => bench.release());

    test.each(trials.map((trial, i) => ({ name: trial.name, i })))("$name", ({ i }) => {
      expectGolden(trials[i]!, bench.results[i]!.shape, results[i]!);
    });
  });
});

describe("operators on constants give the values they give on inputs", async () => {
  const { open, target } = backends.cpu;
  const runtime = await open();

  test.each(opNames)("%s", async (type) => {
    const trials: Trial[] = trialsOf(type).map(onConstants);
    const bench = await Bench.load(runtime, { target }, trials);
    const results = await bench.run();
    for (const [i, trial] of trials.entries()) expectGolden(trial, bench.results[i]!.shape, results[i]!);
    await bench.release();
  });
});
