import { describe, expect, test } from "vitest";
import { lower, lowerings } from "../../src/onnx/lower.ts";
import { convStrategies } from "../../src/onnx/lowering/conv.ts";
import { scatterStrategies } from "../../src/onnx/lowering/conv-scatter.ts";
import { weightStrategies } from "../../src/onnx/lowering/conv-weight-grad.ts";
import type { GraphBuilder } from "../../src/onnx/builder.ts";
import type { LoweringTarget } from "../../src/onnx/target.ts";
import { backends } from "./backends.ts";
import { expectGolden } from "./golden.ts";
import { Bench, graphOf, type Lowering, type Trial, trialsOf } from "./harness.ts";

interface Strategy {
  readonly eligible: (call: never, target: LoweringTarget) => boolean;
  readonly lower: (b: never, call: never) => string;
}

/** The lowerings with one strategy wherever it is eligible; `used` counts the calls it got. */
function forced(name: "Conv" | "ConvTranspose" | "ConvWeightGrad", strategy: Strategy) {
  let calls = 0;
  const choose = (b: GraphBuilder, call: never): string => {
    if (!strategy.eligible(call, b.target)) return lowerings[name](b, call);
    calls++;
    return strategy.lower(b as never, call);
  };
  return { table: { ...lowerings, [name]: choose }, used: () => calls };
}

const strategies = [
  ...Object.entries(convStrategies).map(([name, strategy]) => ["Conv", name, strategy] as const),
  ...Object.entries(scatterStrategies).map(([name, strategy]) => ["ConvTranspose", name, strategy] as const),
  ...Object.entries(weightStrategies).map(([name, strategy]) => ["ConvWeightGrad", name, strategy] as const),
];

const convolutions = (["Conv", "ConvTranspose", "ConvWeightGrad"] as const).map(trialsOf);

// The choice among strategies follows speed and may change; each must be right wherever it says it is eligible.
describe.each(["cpu", "cpu, portable operators"] as const)(
  "every strategy is right where it is eligible, on %s",
  (on) => {
    const { open, target } = backends[on];

    test.each(strategies)("%s: %s", async (op, _, strategy) => {
      const { table, used } = forced(op, strategy);
      const uses = (trial: Trial): boolean => {
        const before = used();
        lower(graphOf([trial]), target, table);
        return used() > before;
      };
      let tried = 0;
      // Not all in one program: loading takes more than twice as long for twice the nodes.
      for (const trials of convolutions.map((list) => list.filter(uses)).filter(({ length }) => length > 0)) {
        await check({ target, table }, trials);
        tried += trials.length;
      }
      // What a target lacks is never eligible on it; the CPU has everything.
      if (on === "cpu" || tried > 0) expect(tried).toBeGreaterThan(5);
    });

    async function check(lowering: Lowering, trials: readonly Trial[]): Promise<void> {
      const bench = await Bench.load(await open(), lowering, trials);
      const results = await bench.run();
      await bench.release();
      for (const [i, trial] of trials.entries()) expectGolden(trial, bench.results[i]!.shape, results[i]!);
    }
  },
);
