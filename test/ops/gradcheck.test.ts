import { beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { backends } from "./backends.ts";
import { type Comparison, compareDifferences } from "./differences.ts";
import { Bench, opNames, type Trial, trialsOf } from "./harness.ts";

const { open, target } = backends.cpu;

const comparable = (trials: readonly Trial[]): Trial[] =>
  trials.filter(({ wrt, noDifferences }) => wrt.length > 0 && noDifferences === undefined);

describe("gradients equal central finite differences", () => {
  const compared = opNames.filter((type) => comparable(trialsOf(type)).length > 0);
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await open();
  });

  test("of all operators but those without a derivative", () => {
    expect(opNames.filter((type) => !compared.includes(type))).toMatchInlineSnapshot(`
      [
        "Equal",
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "And",
        "Not",
        "StopGradient",
        "ArgMax",
        "ArgSort",
        "MaxPoolGrad",
      ]
    `);
  });

  describe.each(compared)("%s", (type) => {
    const trials = comparable(trialsOf(type));
    let comparisons: Comparison[][];
    beforeAll(async () => {
      const bench = await Bench.load(runtime, { target }, trials);
      comparisons = await compareDifferences(bench, await bench.run());
      await bench.release();
    });

    test.each(trials.map((trial, i) => ({ name: trial.name, i })))("$name", ({ i }) => {
      expect(new Set(comparisons[i]!.map(({ leaf }) => leaf))).toEqual(new Set(trials[i]!.wrt));
      expect(comparisons[i]!.filter((c) => !(Math.abs(c.measured - c.predicted) <= c.allowed))).toEqual([]);
    });
  });
});
