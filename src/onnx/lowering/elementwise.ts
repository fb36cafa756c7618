import type { GraphBuilder, Value } from "../builder.ts";
import type { Lowerings } from "./lowering.ts";

/** An operator that is one ONNX node of the same meaning. */
const direct =
  (opType: string) =>
  (b: GraphBuilder, { values }: { readonly values: readonly Value[] }): Value =>
    b.node(opType, values);

export const elementwiseLowerings: Lowerings<
  | "Add"
  | "Sub"
  | "Mul"
  | "Div"
  | "Pow"
  | "Maximum"
  | "Minimum"
  | "Neg"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Reciprocal"
  | "Abs"
  | "Clip"
  | "Equal"
  | "Greater"
  | "GreaterOrEqual"
  | "Less"
  | "LessOrEqual"
  | "And"
  | "Not"
  | "Where"
  | "Cast"
  | "StopGradient"
  | "Relu"
  | "ReluGrad"
  | "LeakyRelu"
  | "Sigmoid"
  | "Tanh"
> = {
  Add: direct("Add"),
  Sub: direct("Sub"),
  Mul: direct("Mul"),
  Div: direct("Div"),
  Pow: direct("Pow"),
  Maximum: direct("Max"),
  Minimum: direct("Min"),
  Neg: (b, { inputs: [x], values: [xv] }) =>
    x.dtype === "int32" ? b.node("Sub", [b.constant(Int32Array.of(0), [], "int32"), xv!]) : b.node("Neg", [xv!]),
  Exp: direct("Exp"),
  Log: direct("Log"),
  Sqrt: direct("Sqrt"),
  Reciprocal: direct("Reciprocal"),
  Abs: direct("Abs"),
  Clip: (b, { values: [x], attrs: { low, high } }) => b.node("Clip", [x!, b.float(low), b.float(high)]),
  Equal: direct("Equal"),
  Greater: direct("Greater"),
  GreaterOrEqual: direct("GreaterOrEqual"),
  Less: direct("Less"),
  LessOrEqual: direct("LessOrEqual"),
  And: direct("And"),
  Not: direct("Not"),
  Where: direct("Where"),
  Cast: (b, { values: [x], attrs: { to } }) => b.cast(x!, to),
  StopGradient: direct("Identity"),
  Relu: direct("Relu"),
  ReluGrad: (b, { values: [dy, y] }) => b.node("Mul", [dy!, positive(b, y!)]),
  LeakyRelu: (b, { values: [x], attrs: { slope } }) => b.node("LeakyRelu", [x!], { alpha: { float: slope } }),
  Sigmoid: direct("Sigmoid"),
  Tanh: direct("Tanh"),
};

/** 1 where y > 0, else 0, for y ≥ 0: by a hard sigmoid so steep that every normal number saturates it, in one pass. */
function positive(b: GraphBuilder, y: Value): Value {
  if (!b.target.optimizations.maskFreeRelu) return b.cast(b.node("Greater", [y, b.float(0)]), "float32");
  return b.node("HardSigmoid", [y], { alpha: { float: 3e38 }, beta: { float: 0 } });
}
