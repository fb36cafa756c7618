import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { adamw, adamwStep } from "./adamw.ts";
import { type GroupedParameter, tensorHypers } from "./groups.ts";
import { addL2Gradient, type FloatArray, newState, optimizerStep } from "./optimizer.ts";

type Values = number[] | number[][];
interface Step {
  lr: number;
  mom_beta1: number;
  weight: Values;
  bias: Values;
  bn_weight: Values;
  bn_bias: Values;
}
interface Golden {
  initial: Record<(typeof names)[number], Values>;
  cases: { true_wd: boolean; bn_wd: boolean; wd: number; steps: Step[] }[];
  no_grad_param_is_not_decayed: { wd: number; lr: number; before: Values; after: Values };
}

const names = ["weight", "bias", "bn_weight", "bn_bias"] as const;
const parameters: GroupedParameter[] = (["weight", "bias", "norm", "norm"] as const).map((role) => ({
  group: 0,
  role,
}));
const golden = JSON.parse(readFileSync(new URL("../../test/golden/adamw.json", import.meta.url), "utf8")) as Golden;

describe("against fastai", () => {
  test.each(golden.cases)("true_wd $true_wd, bn_wd $bn_wd, wd $wd", ({ true_wd, bn_wd, wd, steps }) => {
    const optimizer = adamw();
    const tensors = names.map((name) => {
      const params = Float64Array.from(golden.initial[name].flat());
      return { params, state: newState(optimizer, params) };
    });
    for (const [t, step] of steps.entries()) {
      const hypers = tensorHypers(parameters, { lr: [step.lr], wd: true_wd ? wd : 0, bnWd: bn_wd });
      const withGrads = tensors.map((tensor, i) => {
        const grad = tensor.params.map((_, j) => Math.sin(1 + t + 2 * i + 0.7 * j) * (0.3 + 0.1 * t));
        if (!true_wd) addL2Gradient(grad, tensor.params, wd);
        return { ...tensor, grad, hyper: hypers[i]! };
      });
      optimizerStep(optimizer, withGrads, { mom: step.mom_beta1, step: t + 1 });
      for (const [i, name] of names.entries()) expectClose(tensors[i]!.params, step[name].flat(), 1e-10);
    }
  });

  test("a parameter without a gradient is not decayed", () => {
    const { wd, lr, before, after } = golden.no_grad_param_is_not_decayed;
    const optimizer = adamw();
    const params = Float64Array.from(before.flat());
    const state = newState(optimizer, params);
    optimizerStep(optimizer, [{ params, state, grad: null, hyper: { lr, wd } }], { mom: 0.9, step: 1 });
    expect([...params]).toEqual(after.flat());
  });
});

const hyper = { lr: 1e-2, wd: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8 };

test.each([0, 1, 3, 4, 5, 7, 8])("float32 arrays of length %i, subarrays too, follow the formula", (length) => {
  const whole = random(length + 2, 1);
  const params = whole.subarray(1, length + 1);
  const [m, v] = [new Float32Array(length), new Float32Array(length)];
  const exact = { p: Float64Array.from(params), m: new Float64Array(length), v: new Float64Array(length) };
  const [first, last] = [whole[0], whole[length + 1]];
  for (let step = 1; step <= 5; step++) {
    const grads = random(length, step + 10);
    adamwStep(params, grads, m, v, { ...hyper, step });
    formula(exact, grads, step);
  }
  expectClose(params, exact.p, 1e-6);
  expectClose(m, exact.m, 1e-6);
  expectClose(v, exact.v, 1e-6);
  expect([whole[0], whole[length + 1]]).toEqual([first, last]);
});

test("zero gradients decay the weights and nothing else", () => {
  const params = Float32Array.of(1, -2);
  const zeros = () => new Float32Array(2);
  adamwStep(params, zeros(), zeros(), zeros(), { ...hyper, step: 1 });
  expectClose(params, [0.999, -1.998], 1e-7);
});

test("arrays of different lengths are an error", () => {
  const three = new Float32Array(3);
  expect(() =>
    adamwStep(three, three, new Float32Array(2), three, { ...hyper, step: 1 }),
  ).toThrowErrorMatchingInlineSnapshot(`[ShapeError: adamwStep: expected 3 m, but received 2]`);
});

test("the state has the elements' type and the length of the weights", () => {
  expect(newState(adamw(), new Float32Array(2))).toEqual({ m: new Float32Array(2), v: new Float32Array(2) });
  expect(newState(adamw(), new Float64Array(1))).toEqual({ m: new Float64Array(1), v: new Float64Array(1) });
});

/** The update as the paper writes it. */
function formula(to: { p: Float64Array; m: Float64Array; v: Float64Array }, grads: FloatArray, step: number): void {
  const { lr, wd, beta1, beta2, eps } = hyper;
  for (const [i, g] of grads.entries()) {
    to.m[i] = beta1 * to.m[i]! + (1 - beta1) * g;
    to.v[i] = beta2 * to.v[i]! + (1 - beta2) * g ** 2;
    const mean = to.m[i] / (1 - beta1 ** step);
    const square = to.v[i] / (1 - beta2 ** step);
    to.p[i] = to.p[i]! * (1 - wd * lr) - (lr * mean) / (Math.sqrt(square) + eps);
  }
}

function random(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233) + 1.5);
}

function expectClose(actual: FloatArray, expected: ArrayLike<number>, relative: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]!), `element ${i}: ${value} for ${expected[i]}`).toBeLessThanOrEqual(
      relative * Math.abs(expected[i]!),
    );
}
