import { describe, expect, test } from "vitest";
import { lowerings } from "../../src/onnx/lower.ts";
import { scatterStrategies, weightStrategies } from "../../src/onnx/lowering/conv.ts";
import { backends } from "./backends.ts";
import { expectGolden } from "./golden.ts";
import { Bench, trialsOf } from "./harness.ts";

type Table = typeof lowerings;

/** The lowerings with one strategy used wherever it is eligible; `used` counts the calls it got. */
function forced(name: "ConvTranspose" | "ConvWeightGrad", strategy: Strategy): { table: Table; used: () => number } {
  let calls = 0;
  const lower = (b: never, call: never) => {
    if (!strategy.eligible(call)) return lowerings[name](b, call);
    calls++;
    return strategy.lower(b, call);
  };
  return { table: { ...lowerings, [name]: lower }, used: () => calls };
}

interface Strategy {
  readonly eligible: (call: never) => boolean;
  readonly lower: (b: never, call: never) => string;
}

const strategies = [
  ...Object.entries(scatterStrategies).map(([name, strategy]) => ["ConvTranspose", name, strategy] as const),
  ...Object.entries(weightStrategies).map(([name, strategy]) => ["ConvWeightGrad", name, strategy] as const),
];

// The choice among strategies follows speed and may change; each must be right wherever it says it is eligible.
describe.each(["cpu", "cpu, portable operators"] as const)("every eligible strategy is right on %s", (backend) => {
  test.each(strategies)("%s: %s", async (op, _, strategy) => {
    const { open, target } = backends[backend];
    const { table, used } = forced(op, strategy);
    const trials = [...trialsOf("Conv"), ...trialsOf("ConvTranspose"), ...trialsOf("ConvWeightGrad")];
    const bench = await Bench.load(await open(), { target, table }, trials);
    const results = await bench.run();
    await bench.release();
    for (const [i, trial] of trials.entries()) expectGolden(trial, bench.results[i]!.shape, results[i]!);
    expect(used()).toBeGreaterThan(5);
  });
});
