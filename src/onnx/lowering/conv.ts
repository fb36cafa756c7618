import { onnxAttributes, spatial } from "./conv-geometry.ts";
import { fastestScatter, scatterStrategies } from "./conv-scatter.ts";
import { fastestWeight, weightStrategies } from "./conv-weight-grad.ts";
import type { Lowerings } from "./lowering.ts";

export const convLowerings: Lowerings<"Conv" | "ConvTranspose" | "ConvWeightGrad"> = {
  Conv: (b, { inputs: [, weight], values, attrs }) =>
    b.node("Conv", values, onnxAttributes(attrs, spatial(weight.shape))),
  ConvTranspose: (b, call) => scatterStrategies[fastestScatter(call, b.target)].lower(b, call),
  ConvWeightGrad: (b, call) => weightStrategies[fastestWeight(call, b.target)].lower(b, call),
};
