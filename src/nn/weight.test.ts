import { expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { gradients } from "../graph/grad.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { constant } from "../graph/tensor.ts";
import { Random } from "../util/random.ts";
import { kaimingNormal } from "./init.ts";
import { evaluation, type Members, Module, Training } from "./module.ts";
import type { Buffer, Parameter } from "./parameter.ts";
import { initialState, type StateDict } from "./state.ts";
import { spectralNorm, type Weight, weightNorm } from "./weight.ts";

const shape = [4, 3, 2, 1];
const [rows, columns] = [4, 6];

class Holder extends Module {
  readonly weight: Weight;

  constructor(weight: Weight) {
    super();
    this.weight = weight;
  }

  override members(): Members {
    return this.weight.members;
  }
}

function feedsOf({ weight }: Holder, state: StateDict) {
  return new Map(
    Object.entries(weight.members).map(([name, leaf]) => [(leaf as Parameter).tensor, state.get(name)!.data]),
  );
}

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((total, v) => total + v * v, 0));
const unit = (values: readonly number[]): number[] => values.map((v) => v / norm(values));
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((total, v, i) => total + v * b[i]!, 0);
const rowsOf = (data: Float32Array): number[][] =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
const columnsOf = (data: Float32Array): number[][] =>
  Array.from({ length: columns }, (_, j) => rowsOf(data).map((row) => row[j]!));

test("weight norm starts as drawn and follows g", async () => {
  const holder = new Holder(weightNorm(shape, kaimingNormal("fan_in")));
  const state = initialState(holder, new Random(3));
  const drawn = state.get("weight_v")!.data;
  expect(state.get("weight_g")!.shape).toEqual([4, 1, 1, 1]);
  const weight = holder.weight.tensor(evaluation);
  expectClose("weight", (await runGraph({ weight }, feedsOf(holder, state))).weight as Float32Array, drawn, 1e-6);

  state.get("weight_g")!.data.fill(2);
  const followed = (await runGraph({ weight }, feedsOf(holder, state))).weight as Float32Array;
  for (const row of rowsOf(followed)) expect(norm(row)).toBeCloseTo(2, 5);
});

test("spectral norm in evaluation divides by uᵀWv", async () => {
  const holder = new Holder(spectralNorm(shape, kaimingNormal("fan_in")));
  const state = initialState(holder, new Random(3));
  const [w, u, v] = ["weight_orig", "weight_u", "weight_v"].map((name) => state.get(name)!.data);
  expect(norm([...u!])).toBeCloseTo(1, 5);
  const sigma = dot(
    [...u!],
    rowsOf(w!).map((row) => dot(row, [...v!])),
  );
  const { weight } = await runGraph({ weight: holder.weight.tensor(evaluation) }, feedsOf(holder, state));
  expectClose(
    "weight",
    weight as Float32Array,
    w!.map((value) => value / sigma),
    1e-5,
  );
});

test("spectral norm in training takes one power iteration, through which no gradient flows", async () => {
  const holder = new Holder(spectralNorm(shape, kaimingNormal("fan_in")));
  const state = initialState(holder, new Random(3));
  const { weight_orig, weight_u, weight_v } = holder.weight.members as Record<string, Parameter | Buffer>;
  const context = new Training();
  const weight = holder.weight.tensor(context);
  const cotangent = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const [gradient] = gradients(sum(mul(weight, constant(cotangent, shape))), [weight_orig!.tensor]);
  const next = { u: context.updates.get(weight_u as Buffer)!, v: context.updates.get(weight_v as Buffer)! };
  const results = await runGraph({ weight, gradient: gradient!, ...next }, feedsOf(holder, state));

  const w = state.get("weight_orig")!.data;
  const v = unit(columnsOf(w).map((column) => dot(column, [...state.get("weight_u")!.data])));
  const u = unit(rowsOf(w).map((row) => dot(row, v)));
  const sigma = dot(
    u,
    rowsOf(w).map((row) => dot(row, v)),
  );
  expectClose("u", results.u as Float32Array, u, 1e-5);
  expectClose("v", results.v as Float32Array, v, 1e-5);
  expectClose(
    "weight",
    results.weight as Float32Array,
    w.map((value) => value / sigma),
    1e-5,
  );
  // d(W/σ) = dW/σ − W/σ² · uᵀ dW v
  const along = dot([...cotangent], [...w]) / sigma ** 2;
  const expected = cotangent.map((c, i) => c / sigma - along * u[Math.floor(i / columns)]! * v[i % columns]!);
  expectClose("gradient", results.gradient as Float32Array, expected, 1e-5);
});
