import { mul } from "../../../src/graph/ops/elementwise.ts";
import { cumSum } from "../../../src/graph/ops/scan.ts";
import { argSort, takeAlong, TakeAlongGrad } from "../../../src/graph/ops/sort.ts";
import { distinct, integers, uniform, wholes } from "../../support/leaf.ts";
import { type Cases, opCase } from "../case.ts";

export const sortCases = {
  ArgSort: [
    opCase("ArgSort, last axis", { x: distinct([3, 7]) }, ({ x }) => argSort(x, -1)),
    opCase("ArgSort, middle axis, descending", { x: distinct([2, 9, 3]) }, ({ x }) =>
      argSort(x, 1, { descending: true }),
    ),
    opCase("ArgSort, ties keep their order", { x: wholes([3, 40], 0, 4) }, ({ x }) => argSort(x, 1)),
    opCase("ArgSort, ties keep their order, descending", { x: wholes([3, 40], 0, 4) }, ({ x }) =>
      argSort(x, 1, { descending: true }),
    ),
    opCase("ArgSort, int32", { x: integers([9, 2], -5, 5) }, ({ x }) => argSort(x, 0, { descending: true })),
  ],
  TakeAlong: [
    opCase("TakeAlong, last axis", { x: uniform([2, 3, 5]), i: integers([2, 3, 4], 0, 5) }, ({ x, i }) =>
      takeAlong(x, i, -1),
    ),
    opCase(
      "TakeAlong, first axis, more than there are",
      { x: uniform([3, 2]), i: integers([7, 2], 0, 3) },
      ({ x, i }) => takeAlong(x, i, 0),
    ),
    opCase("TakeAlong, int32", { x: integers([3, 5], -9, 9), i: integers([3, 2], 0, 5) }, ({ x, i }) =>
      takeAlong(x, i, 1),
    ),
    opCase("TakeAlong, sorted", { x: distinct([2, 6]) }, ({ x }) =>
      takeAlong(x, argSort(x, 1, { descending: true }), 1),
    ),
  ],
  TakeAlongGrad: [
    opCase("TakeAlongGrad, last axis", { dy: uniform([2, 3, 6]), i: integers([2, 3, 6], 0, 4) }, ({ dy, i }) =>
      TakeAlongGrad([dy, i], { axis: 2, length: 4 }),
    ),
    opCase("TakeAlongGrad, first axis", { dy: uniform([5, 2]), i: integers([5, 2], 0, 3) }, ({ dy, i }) =>
      TakeAlongGrad([dy, i], { axis: 0, length: 3 }),
    ),
  ],
  CumSum: [
    opCase("CumSum, last axis", { x: uniform([2, 3, 5]) }, ({ x }) => cumSum(x, -1)),
    opCase("CumSum, first axis, reverse", { x: uniform([5, 3]) }, ({ x }) => cumSum(x, 0, { reverse: true })),
    opCase("CumSum, of a square, twice", { x: uniform([2, 6]) }, ({ x }) => cumSum(mul(x, x), 1), { twice: true }),
    opCase("CumSum, int32", { x: integers([3, 5], -9, 10) }, ({ x }) => cumSum(x, 1)),
  ],
} satisfies Partial<Cases>;
