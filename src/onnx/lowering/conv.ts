import type { Conv } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import type { LoweringTarget } from "../target.ts";
import { type CallOf, type Nchw, onnxAttributes, spatial, type Strategy } from "./conv-geometry.ts";
import { fastestScatter, scatterStrategies } from "./conv-scatter.ts";
import { fastestWeight, weightStrategies } from "./conv-weight-grad.ts";
import type { Lowerings } from "./lowering.ts";
import { fitsTiles, suitsTiles, winogradConv } from "./winograd.ts";

type Forward = CallOf<typeof Conv>;

/** The ways to convolve. */
export const convStrategies = {
  winograd: {
    eligible: ({ inputs: [, weight], attrs }, target) => target.winograd && fitsTiles(attrs, spatial(weight.shape)),
    lower: winograd,
  },
  plain: {
    eligible: () => true,
    lower: (b, { inputs: [, weight], values, attrs }) =>
      b.node("Conv", values, onnxAttributes(attrs, spatial(weight.shape))),
  },
} satisfies Record<string, Strategy<typeof Conv>>;

/** Constant weights the runtime brings into the order that suits it; what tiles do for them is a pass of their own. */
export function fastestConv(call: Forward, target: LoweringTarget): keyof typeof convStrategies {
  const [x, weight] = call.inputs;
  const varies = weight.source.kind !== "constant";
  const suits = varies && suitsTiles(x.shape as Nchw, weight.shape[0]!);
  return suits && convStrategies.winograd.eligible(call, target) ? "winograd" : "plain";
}

function winograd(b: GraphBuilder, { inputs: [x, { shape }], values: [xv, wv, bias] }: Forward): Value {
  const [n, , height, width] = x.shape as Nchw;
  const channels = [shape[0]!, shape[1]!] as const;
  return winogradConv(b, { x: xv!, weight: wv!, bias, grid: [n, height, width], channels });
}

export const convLowerings: Lowerings<"Conv" | "ConvTranspose" | "ConvWeightGrad"> = {
  Conv: (b, call) => convStrategies[fastestConv(call, b.target)].lower(b, call),
  ConvTranspose: (b, call) => scatterStrategies[fastestScatter(call, b.target)].lower(b, call),
  ConvWeightGrad: (b, call) => weightStrategies[fastestWeight(call, b.target)].lower(b, call),
};
