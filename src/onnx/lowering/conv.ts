import type { Conv } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { type CallOf, type Nchw, onnxAttributes, spatial, type Strategy } from "./conv-geometry.ts";
import { scatterFormulas } from "./conv-scatter.ts";
import { weightFormulas } from "./conv-weight-grad.ts";
import { byFormula, type Formulas } from "./formulas.ts";
import type { Lowerings } from "./lowering.ts";
import { fitsTiles, suitsTiles, winogradConv } from "./winograd.ts";

type Forward = CallOf<typeof Conv>;

/** The ways to convolve. */
export const convStrategies = {
  winograd: {
    // Constant weights the runtime brings into the order that suits it; what tiles do for them is a pass of their own.
    eligible: ({ inputs: [, weight], attrs }, target) =>
      target.scan && weight.source.kind !== "constant" && fitsTiles(attrs, spatial(weight.shape)),
    lower: winograd,
  },
  plain: {
    eligible: () => true,
    lower: (b, { inputs: [, weight], values, attrs }) =>
      b.node("Conv", values, onnxAttributes(attrs, spatial(weight.shape))),
  },
} satisfies Record<string, Strategy<typeof Conv>>;

export const convFormulas: Formulas<typeof Conv, keyof typeof convStrategies> = {
  type: "Conv",
  strategies: convStrategies,
  rule: ({ inputs: [x, weight] }, takes) =>
    takes("winograd") && suitsTiles(x.shape as Nchw, weight.shape[0]!) ? "winograd" : "plain",
};

function winograd(b: GraphBuilder, { inputs: [x, { shape }], values: [xv, wv, bias] }: Forward): Value {
  const [n, , height, width] = x.shape as Nchw;
  const channels = [shape[0]!, shape[1]!] as const;
  return winogradConv(b, { x: xv!, weight: wv!, bias, grid: [n, height, width], channels });
}

export const convLowerings: Lowerings<"Conv" | "ConvTranspose" | "ConvWeightGrad"> = {
  Conv: byFormula(convFormulas),
  ConvTranspose: byFormula(scatterFormulas),
  ConvWeightGrad: byFormula(weightFormulas),
};

/** The operators that have several formulas. */
export const formulas = { Conv: convFormulas, ConvTranspose: scatterFormulas, ConvWeightGrad: weightFormulas };
