import { elementTypes } from "../builder.ts";
import type { Lowerings } from "./lowering.ts";

export const sortLowerings: Lowerings<"ArgSort" | "TakeAlong" | "TakeAlongGrad" | "CumSum"> = {
  ArgSort: (b, { inputs: [x], values: [xv], attrs: { axis, descending } }) => {
    const sorted = b.node("TopK", [xv!, b.ints([x.shape[axis]!])], { axis, largest: Number(descending), sorted: 1 });
    return b.node("Cast", [b.extraOutput(sorted)], { to: elementTypes.int32 });
  },

  TakeAlong: (b, { values: [x, indices], attrs: { axis } }) => b.node("GatherElements", [x!, indices!], { axis }),

  TakeAlongGrad: (b, { values: [dy, indices], output, attrs: { axis } }) => {
    const zeros = b.node("Expand", [b.float(0), b.ints(output.shape)]);
    return b.node("ScatterElements", [zeros, indices!, dy!], { axis, reduction: "add" });
  },

  CumSum: (b, { values: [x], attrs: { axis, reverse } }) =>
    b.node("CumSum", [x!, b.constant(Int32Array.of(axis), [], "int32")], { reverse: Number(reverse) }),
};
