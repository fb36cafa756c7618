import { describe, expect, test } from "vitest";
import { runGraph } from "../../test/support/run-graph.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { TensorData } from "../graph/dtype.ts";
import { Random } from "../util/random.ts";
import { adamw } from "./adamw.ts";
import { graphOptimizer } from "./graph-optimizer.ts";
import type { OptimizerOptions } from "./memory.ts";
import { newState } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

const n = 7;
const rules: [string, OptimizerOptions][] = [
  ["AdamW", {}],
  ["AdamW of other settings", { betas: [0.5, 0.999], eps: 1e-3 }],
  ["gradient descent", { name: "sgd" }],
];

describe("an update as a graph is the update over arrays", () => {
  test.each(rules)("%s", async (_, options) => {
    const [rule, reference] = [graphOptimizer(options), options.name === "sgd" ? sgd() : adamw(options)];
    expect(rule.slots).toEqual(reference.slots);
    const random = new Random(5);
    const draw = (): Float32Array => Float32Array.from({ length: n }, () => random.normal());
    const params = draw();
    const state = newState(reference, params);
    const zeros = Object.fromEntries(rule.slots.map((slot) => [slot, new Float32Array(n)]));
    let own: Record<string, Float32Array> = { params: params.slice(), ...zeros };
    for (let step = 1; step <= 4; step++) {
      const [grads, hyper] = [draw(), { step, mom: 0.95 - 0.05 * step, lr: 0.1 / step, wd: 0.1 }];
      reference.update(params, grads, state, hyper);
      own = await updated(rule, own, grads, rule.numbers(hyper));
      expectNear(own["params"]!, params);
      for (const slot of rule.slots) expectNear(own[slot]!, (state as Record<string, Float32Array>)[slot]!);
    }
  });
});

async function updated(
  rule: ReturnType<typeof graphOptimizer>,
  { params, ...state }: Record<string, Float32Array>,
  grads: Float32Array,
  numbers: Readonly<Record<string, number>>,
): Promise<Record<string, Float32Array>> {
  const feeds = new Map<Tensor, TensorData>();
  const feed = (data: Float32Array, shape: readonly number[]): Tensor => {
    const tensor = input("fed", shape);
    feeds.set(tensor, data);
    return tensor;
  };
  const vectors = Object.entries(state).map(([name, data]) => [name, feed(data, [n])] as const);
  const scalars = Object.entries(numbers).map(([name, value]) => [name, feed(Float32Array.of(value), [])] as const);
  const next = rule.update(
    feed(params!, [n]),
    feed(grads, [n]),
    Object.fromEntries(vectors),
    Object.fromEntries(scalars),
  );
  return (await runGraph({ params: next.params, ...next.state }, feeds)) as Record<string, Float32Array>;
}

function expectNear(actual: Float32Array, expected: Float32Array): void {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
}
