import { add, mul } from "../../../src/graph/ops/elementwise.ts";
import { reshape } from "../../../src/graph/ops/movement.ts";
import { batchNorm, batchNormTrain, ChannelAffine } from "../../../src/graph/ops/norm.ts";
import { uniform } from "../../support/leaf.ts";
import { type Cases, opCase } from "../case.ts";

type Nchw = readonly [number, number, number, number];

const parameters = (c: number) => ({ weight: uniform([c], 0.5, 1.5), bias: uniform([c]) });
const statistics = (c: number) => ({ mean: uniform([c]), variance: uniform([c], 0.5, 2) });
const given = (x: Nchw) => ({ x: uniform(x, -2, 3), ...parameters(x[1]), ...statistics(x[1]) });
const own = (x: Nchw) => ({ x: uniform(x, -2, 3), ...parameters(x[1]) });

export const normCases = {
  BatchNorm: [
    opCase("BatchNorm", given([2, 3, 5, 7]), (t) => batchNorm(t.x, t)),
    opCase("BatchNorm, batch 1, one pixel", given([1, 5, 1, 1]), (t) => batchNorm(t.x, t), { twice: true }),
    opCase("BatchNorm, large epsilon", given([3, 2, 3, 1]), (t) => batchNorm(t.x, t, 0.1)),
  ],
  BatchNormTrain: [
    opCase("BatchNormTrain", own([2, 3, 5, 7]), (t) => batchNormTrain(t.x, t).y),
    opCase("BatchNormTrain, batch 1", own([1, 2, 3, 5]), (t) => batchNormTrain(t.x, t).y, { twice: true }),
    opCase(
      "BatchNormTrain, batch 3, one pixel, large epsilon",
      own([3, 4, 1, 1]),
      (t) => batchNormTrain(t.x, t, 0.1).y,
      {
        twice: true,
      },
    ),
    opCase("BatchNormTrain, its statistics used too", own([2, 3, 2, 3]), (t) => {
      const { y, mean, variance } = batchNormTrain(t.x, t);
      return add(y, reshape(mul(mean, variance), [3, 1, 1]));
    }),
  ],
  ChannelAffine: [
    opCase("ChannelAffine", { x: uniform([2, 3, 5, 7]), scale: uniform([3]), shift: uniform([3]) }, (t) =>
      ChannelAffine([t.x, t.scale, t.shift]),
    ),
    opCase(
      "ChannelAffine, batch 1, one channel",
      { x: uniform([1, 1, 3, 1]), scale: uniform([1]), shift: uniform([1]) },
      (t) => ChannelAffine([t.x, t.scale, t.shift]),
      { twice: true },
    ),
  ],
} satisfies Partial<Cases>;
