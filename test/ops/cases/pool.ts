import { sub } from "../../../src/graph/ops/elementwise.ts";
import { avgPool2d, maxPool2d, MaxPoolGrad } from "../../../src/graph/ops/pool.ts";
import { distinct, uniform, wholes } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

type Pair = readonly [number, number];
type Nchw = readonly [number, number, number, number];

/** Kernel, stride and padding. */
const geometries = {
  "2×2": { x: [2, 3, 6, 4], kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  "2×2 on odd sizes": { x: [1, 2, 7, 5], kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  "3×3, stride 2, padding 1": { x: [2, 3, 7, 9], kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  "3×3, stride 2, padding 1, even size": { x: [1, 2, 8, 6], kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  "3×3, stride 1, padding 1": { x: [1, 2, 5, 4], kernel: [3, 3], stride: [1, 1], padding: [1, 1] },
  "3×2, stride 1 by 3, padding 1 by 0": { x: [2, 2, 5, 9], kernel: [3, 2], stride: [1, 3], padding: [1, 0] },
  "1×1, stride 3": { x: [1, 2, 8, 6], kernel: [1, 1], stride: [3, 3], padding: [0, 0] },
  "kernel as large as the picture": { x: [2, 2, 3, 5], kernel: [3, 5], stride: [3, 5], padding: [0, 0] },
} as const satisfies Record<string, { x: Nchw; kernel: Pair; stride: Pair; padding: Pair }>;

type Name = keyof typeof geometries;

function maxPool(name: Name): Case {
  const { x, kernel, ...options } = geometries[name];
  return opCase(`MaxPool, ${name}`, { x: distinct(x) }, (t) => maxPool2d(t.x, kernel, options));
}

function maxPoolGrad(name: Name): Case {
  const { x, ...attrs } = geometries[name];
  const length = (i: 0 | 1): number =>
    Math.floor((x[2 + i]! + 2 * attrs.padding[i] - attrs.kernel[i]) / attrs.stride[i]) + 1;
  const leaves = { x: distinct(x), dy: uniform([x[0], x[1], length(0), length(1)]) };
  return opCase(`MaxPoolGrad, ${name}`, leaves, (t) => MaxPoolGrad([t.x, t.dy], attrs), {
    noDifferences: "MaxPoolGrad has no gradient",
  });
}

function averagePool(name: Name, countPadding: boolean): Case {
  const { x, kernel, ...options } = geometries[name];
  const title = `AveragePool, ${name}${countPadding ? "" : ", padding not counted"}`;
  return opCase(title, { x: uniform(x) }, (t) => avgPool2d(t.x, kernel, { ...options, countPadding }));
}

const [first, ...others] = Object.keys(geometries) as [Name, ...Name[]];

export const poolCases = {
  MaxPool: [
    maxPool(first),
    ...others.map(maxPool),
    opCase(
      "MaxPool, ties go to the first",
      { x: wholes([1, 2, 5, 7], 0, 3) },
      ({ x }) => maxPool2d(x, 3, { stride: 2 }),
      {
        noDifferences: "the point is a kink",
      },
    ),
    opCase("MaxPool, all below zero, padding 1", { x: distinct([1, 1, 3, 3]) }, ({ x }) =>
      maxPool2d(sub(x, 9), 2, { padding: 1 }),
    ),
  ],
  MaxPoolGrad: [
    maxPoolGrad(first),
    ...others.map(maxPoolGrad),
    opCase(
      "MaxPoolGrad, ties go to the first",
      { x: wholes([2, 2, 6, 7], 0, 2), dy: uniform([2, 2, 4, 5]) },
      ({ x, dy }) => MaxPoolGrad([x, dy], { kernel: [3, 3], stride: [1, 1], padding: [0, 0] }),
      { noDifferences: "MaxPoolGrad has no gradient" },
    ),
  ],
  AveragePool: [
    averagePool(first, true),
    ...others.map((name) => averagePool(name, true)),
    ...others.map((name) => averagePool(name, false)),
  ],
} satisfies Partial<Cases>;
