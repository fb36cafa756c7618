import { elementTypes, type GraphBuilder, type Value } from "../builder.ts";
import type { Lowered, Lowerings } from "./lowering.ts";
import type { Tensor } from "../../graph/tensor.ts";

interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reduce =
  (opType: string) =>
  (b: GraphBuilder, { values: [x], attrs: { axes, keepDims } }: Lowered<[Tensor], ReduceAttrs>): Value =>
    // ONNX reads no axes as all axes.
    axes.length === 0 ? b.node("Identity", [x!]) : b.node(opType, [x!, b.ints(axes)], { keepdims: Number(keepDims) });

export const reduceLowerings: Lowerings<
  "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ArgMax" | "Softmax" | "LogSoftmax"
> = {
  ReduceSum: reduce("ReduceSum"),
  ReduceMean: reduce("ReduceMean"),
  ReduceMax: reduce("ReduceMax"),
  ReduceMin: reduce("ReduceMin"),
  ArgMax: (b, { values: [x], attrs: { axis, keepDims } }) =>
    b.node("Cast", [b.node("ArgMax", [x!], { axis, keepdims: Number(keepDims) })], { to: elementTypes.int32 }),
  Softmax: (b, { values: [x], attrs: { axis } }) => {
    const powers = b.node("Exp", [shifted(b, x!, axis)]);
    return b.node("Div", [powers, b.node("ReduceSum", [powers, b.ints([axis])], { keepdims: 1 })]);
  },
  LogSoftmax: (b, { values: [x], attrs: { axis } }) => {
    const centered = shifted(b, x!, axis);
    const total = b.node("ReduceSum", [b.node("Exp", [centered]), b.ints([axis])], { keepdims: 1 });
    return b.node("Sub", [centered, b.node("Log", [total])]);
  },
};

/** x minus its maximum, so that no power overflows. */
function shifted(b: GraphBuilder, x: Value, axis: number): Value {
  return b.node("Sub", [x, b.node("ReduceMax", [x, b.ints([axis])], { keepdims: 1 })]);
}
