import type { GraphBuilder, Value } from "../builder.ts";
import type { Lowered, Lowerings } from "./lowering.ts";
import type { Tensor } from "../../graph/tensor.ts";

interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reduce =
  (opType: string) =>
  (
    b: GraphBuilder,
    { inputs: [x], values: [xv], attrs: { axes, keepDims } }: Lowered<[Tensor], ReduceAttrs>,
  ): Value => {
    // ONNX reads no axes as all axes.
    if (axes.length === 0) return b.node("Identity", [xv!]);
    const last = lastAxes(axes, x.rank);
    const atOnce = b.target.reducesAnyAxes || last.length === 0 || last.length === axes.length;
    const inner = atOnce ? xv! : b.node(opType, [xv!, b.ints(last)], { keepdims: 1 });
    return b.node(opType, [inner, b.ints(axes)], { keepdims: Number(keepDims) });
  };

/** Those of some axes that are the last ones of a tensor, with no other behind them. */
function lastAxes(axes: readonly number[], rank: number): number[] {
  const last: number[] = [];
  for (let axis = rank - 1; axes.includes(axis); axis--) last.unshift(axis);
  return last;
}

export const reduceLowerings: Lowerings<
  "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ArgMax" | "Softmax" | "LogSoftmax"
> = {
  ReduceSum: reduce("ReduceSum"),
  ReduceMean: reduce("ReduceMean"),
  ReduceMax: reduce("ReduceMax"),
  ReduceMin: reduce("ReduceMin"),
  ArgMax: (b, call) => {
    if (!b.target.everyDType) return firstMaximum(b, call);
    const { axis, keepDims } = call.attrs;
    return b.cast(b.node("ArgMax", [call.values[0]!], { axis, keepdims: Number(keepDims) }), "int32");
  },
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

/** The least index of an element that equals the maximum; the last index where none does, which NaN brings about. */
function firstMaximum(
  b: GraphBuilder,
  { inputs: [x], values: [xv], attrs: { axis, keepDims } }: Lowered<[Tensor], { axis: number; keepDims: boolean }>,
): Value {
  const length = x.shape[axis]!;
  const along = x.shape.map((_, i) => (i === axis ? length : 1));
  const indices = b.constant(
    Int32Array.from({ length }, (_, i) => i),
    along,
    "int32",
  );
  const isMaximum = b.node("Equal", [xv!, b.node("ReduceMax", [xv!, b.ints([axis])], { keepdims: 1 })]);
  const found = b.node("Where", [isMaximum, indices, b.constant(Int32Array.of(length - 1), [], "int32")]);
  return b.node("ReduceMin", [found, b.ints([axis])], { keepdims: Number(keepDims) });
}

/** x minus its maximum, so that no power overflows. */
function shifted(b: GraphBuilder, x: Value, axis: number): Value {
  return b.node("Sub", [x, b.node("ReduceMax", [x, b.ints([axis])], { keepdims: 1 })]);
}
