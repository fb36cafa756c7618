import { expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { fill, uniform } from "../../test/support/leaf.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { gradients } from "../graph/grad.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { constant, input, type Tensor } from "../graph/tensor.ts";
import type { TensorData } from "../graph/dtype.ts";
import { Random } from "../util/random.ts";
import { SelfAttention } from "./attention.ts";
import { evaluation, namedLeaves } from "./module.ts";
import { initialState, type StateDict } from "./state.ts";

const [channels, height, width] = [16, 2, 3];
const positions = height * width;
const picture = fill(uniform([1, channels, height, width]), "attention") as Float32Array;

const layer = new SelfAttention(channels);
const x = input("x", [1, channels, height, width]);
const y = layer.forward(x, evaluation);

function stateWith(gamma: number): StateDict {
  const state = initialState(layer, new Random(1));
  state.get("gamma")!.data.fill(gamma);
  return state;
}

async function run(outputs: Record<string, Tensor>, state: StateDict): Promise<Record<string, Float32Array>> {
  const feeds = new Map<Tensor, TensorData>([[x, picture]]);
  for (const [name, { tensor }] of namedLeaves(layer)) feeds.set(tensor, state.get(name)!.data);
  return (await runGraph(outputs, feeds)) as Record<string, Float32Array>;
}

/** [out, positions] of a spectral-normed projection of the picture. */
function project(state: StateDict, name: string): number[][] {
  const [w, u, v] = ["weight_orig", "weight_u", "weight_v"].map((part) => state.get(`${name}.${part}`)!.data);
  const out = u!.length;
  const at = (k: number, c: number): number => w![k * channels + c]!;
  const sum = (n: number, term: (i: number) => number): number =>
    Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b);
  const sigma = sum(out, (k) => u![k]! * sum(channels, (c) => at(k, c) * v![c]!));
  return Array.from({ length: out }, (_, k) =>
    Array.from({ length: positions }, (__, p) => sum(channels, (c) => at(k, c) * picture[c * positions + p]!) / sigma),
  );
}

test("starts as the identity", async () => {
  expectClose("y", (await run({ y }, stateWith(0))).y!, picture, 1e-6);
});

test("mixes positions by a softmax over those of the query", async () => {
  const gamma = 0.7;
  const state = stateWith(gamma);
  const [query, key, value] = ["query", "key", "value"].map((name) => project(state, name));
  expect(query).toHaveLength(channels / 8);
  const expected = picture.slice();
  for (let j = 0; j < positions; j++) {
    const scores = Array.from({ length: positions }, (_, i) =>
      Math.exp(query!.reduce((total, row, c) => total + row[i]! * key![c]![j]!, 0)),
    );
    const all = scores.reduce((a, b) => a + b);
    for (let c = 0; c < channels; c++)
      expected[c * positions + j]! += gamma * scores.reduce((total, s, i) => total + (s / all) * value![c]![i]!, 0);
  }
  expectClose("y", (await run({ y }, state)).y!, expected, 1e-5);
});

test("gradients agree with differences", async () => {
  const loss = sum(mul(y, constant(fill(uniform(y.shape), "cotangent"), y.shape)));
  const names = ["gamma", "query.weight_orig", "key.weight_orig", "value.weight_orig"];
  const leaves = new Map(namedLeaves(layer));
  const grads = gradients(
    loss,
    names.map((name) => leaves.get(name)!.tensor),
  );
  const state = stateWith(2);
  const results = await run(Object.fromEntries(names.map((name, i) => [name, grads[i]!])), state);
  for (const name of names) {
    const { data } = state.get(name)!;
    const gradient = results[name]!;
    const i = gradient.findIndex((g) => Math.abs(g) === Math.max(...gradient.map(Math.abs)));
    const at = async (step: number): Promise<number> => {
      data[i]! += step;
      const value = (await run({ loss }, state)).loss![0]!;
      data[i]! -= step;
      return value;
    };
    const step = 3e-3;
    const difference = ((await at(step)) - (await at(-step))) / (2 * step);
    expect(difference / gradient[i]!, name).toBeCloseTo(1, 2);
  }
});
