import { expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { fill, uniform } from "../../test/support/leaf.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { TensorData } from "../graph/dtype.ts";
import { Random } from "../util/random.ts";
import { SelfAttention } from "./attention.ts";
import { evaluation, namedLeaves } from "./module.ts";
import { initialState, type StateDict } from "./state.ts";

const [channels, height, width] = [16, 2, 3];
const positions = height * width;
const picture = fill(uniform([1, channels, height, width]), "attention") as Float32Array;

async function attend(gamma: number): Promise<{ y: TensorData; state: StateDict }> {
  const layer = new SelfAttention(channels);
  const state = initialState(layer, new Random(1));
  state.get("gamma")!.data.fill(gamma);
  const x = input("x", [1, channels, height, width]);
  const feeds = new Map<Tensor, TensorData>([[x, picture]]);
  for (const [name, { tensor }] of namedLeaves(layer)) feeds.set(tensor, state.get(name)!.data);
  const { y } = await runGraph({ y: layer.forward(x, evaluation) }, feeds);
  return { y: y!, state };
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
  expectClose("y", (await attend(0)).y as Float32Array, picture, 1e-6);
});

test("mixes positions by a softmax over those of the query", async () => {
  const gamma = 0.7;
  const { y, state } = await attend(gamma);
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
  expectClose("y", y as Float32Array, expected, 1e-5);
});
