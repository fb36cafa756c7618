import { argMax, max, mean, min, sum } from "../../../src/graph/ops/reduce.ts";
import { globalAvgPool2d } from "../../../src/graph/ops/pool.ts";
import type { Tensor } from "../../../src/graph/tensor.ts";
import { distinct, integers, type Leaf, uniform, wholes } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

type Reduce = (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor;

function reductions(type: string, reduce: Reduce, values: (shape: readonly number[]) => Leaf): [Case, ...Case[]] {
  return [
    opCase(`${type}, all axes`, { x: values([2, 3, 5]) }, ({ x }) => reduce(x)),
    opCase(`${type}, all axes kept`, { x: values([2, 3, 5]) }, ({ x }) => reduce(x, [0, 1, 2], true)),
    opCase(`${type}, all but channels`, { x: values([2, 3, 5, 1]) }, ({ x }) => reduce(x, [0, 2, 3])),
    opCase(`${type}, middle axis kept`, { x: values([2, 3, 5]) }, ({ x }) => reduce(x, [1], true)),
    opCase(`${type}, last axis`, { x: values([3, 7]) }, ({ x }) => reduce(x, [-1])),
    opCase(`${type}, no axes to reduce`, { x: values([2, 3]) }, ({ x }) => reduce(x, [])),
    opCase(`${type}, of a scalar`, { x: values([]) }, ({ x }) => reduce(x)),
  ];
}

const ties = "the point is a kink";

export const reduceCases = {
  ReduceSum: [
    ...reductions("ReduceSum", sum, uniform),
    opCase("ReduceSum, int32", { x: integers([3, 5], -9, 10) }, ({ x }) => sum(x, [1])),
  ],
  ReduceMean: [
    ...reductions("ReduceMean", mean, uniform),
    opCase("ReduceMean, global average pool", { x: uniform([2, 3, 5, 7]) }, ({ x }) => globalAvgPool2d(x)),
  ],
  ReduceMax: [
    ...reductions("ReduceMax", max, distinct),
    opCase("ReduceMax, ties", { x: wholes([3, 7], 0, 3) }, ({ x }) => max(x, [1]), { noDifferences: ties }),
    opCase("ReduceMax, int32", { x: integers([3, 5], -9, 10) }, ({ x }) => max(x, [1])),
  ],
  ReduceMin: [
    ...reductions("ReduceMin", min, distinct),
    opCase("ReduceMin, ties", { x: wholes([3, 7], 0, 3) }, ({ x }) => min(x, [1]), { noDifferences: ties }),
    opCase("ReduceMin, int32", { x: integers([3, 5], -9, 10) }, ({ x }) => min(x, [1])),
  ],
  ArgMax: [
    opCase("ArgMax, channels", { x: distinct([2, 5, 3, 3]) }, ({ x }) => argMax(x, 1)),
    opCase("ArgMax, last axis kept", { x: distinct([3, 7]) }, ({ x }) => argMax(x, -1, true)),
    opCase("ArgMax, ties go to the first", { x: wholes([5, 9], 0, 3) }, ({ x }) => argMax(x, 1)),
    opCase("ArgMax, int32", { x: integers([4, 9], -3, 3) }, ({ x }) => argMax(x, 1)),
  ],
} satisfies Partial<Cases>;
