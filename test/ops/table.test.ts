import { expect, test } from "vitest";
import { gradients } from "../../src/graph/grad.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { MaxPoolGrad } from "../../src/graph/ops/pool.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { topological } from "../../src/graph/order.ts";
import { input } from "../../src/graph/tensor.ts";
import type { Cases } from "./case.ts";
import { cases } from "./cases/index.ts";
import { opNames, trialsOf } from "./harness.ts";

test("an operator without a case does not compile", () => {
  const { Add: _, ...others } = cases;
  // @ts-expect-error Add is missing.
  const incomplete: Cases = others;
  // @ts-expect-error Add has no case.
  const empty: Cases = { ...cases, Add: [] };
  expect([incomplete, empty]).toHaveLength(2);
});

test("the cases of an operator use it", () => {
  const idle = opNames.flatMap((type) =>
    cases[type].filter((c) => {
      const tensors = Object.entries(c.leaves).map(([name, leaf]) => [name, input(name, leaf.shape, leaf.dtype)]);
      const used = topological([c.build(Object.fromEntries(tensors))]);
      return !used.some(({ source }) => source.kind === "call" && source.call.op === ops[type].op);
    }),
  );
  expect(idle).toEqual([]);
});

test("the names of the cases are distinct", () => {
  const names = opNames.flatMap(trialsOf).map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test("a gradient through an operator that has none names it", () => {
  const x = input("x", [1, 1, 4, 4]);
  const dy = input("dy", [1, 1, 2, 2]);
  const dx = MaxPoolGrad([x, dy], { kernel: [2, 2], stride: [2, 2], padding: [0, 0] });
  expect(() => gradients(sum(dx), [dy])).toThrowErrorMatchingInlineSnapshot(
    `[GradientError: gradients: MaxPoolGrad is not differentiable]`,
  );
});
