import type { Lowerings } from "./lowering.ts";

export const sortLowerings: Lowerings<"ArgSort" | "TakeAlong" | "TakeAlongGrad" | "CumSum"> = {
  ArgSort: (b, { inputs: [x], values: [xv], attrs: { axis, descending } }) => {
    const length = x.shape[axis]!;
    const convert = !b.target.everyDType && x.dtype !== "float32";
    const keys = convert ? b.cast(xv!, "float32") : xv!;
    const order = b.extraOutput(
      b.node("TopK", [keys, b.ints([length])], { axis, largest: Number(descending), sorted: 1 }),
    );
    if (b.target.everyDType) return b.cast(order, "int32");
    // The int64 order picks from the numbers 0, 1, 2, …, which float32 holds exactly up to 2²⁴.
    const numbers = b.constant(
      Float32Array.from({ length }, (_, i) => i),
      x.shape.map((_, i) => (i === axis ? length : 1)),
      "float32",
    );
    return b.cast(b.node("GatherElements", [b.node("Expand", [numbers, b.ints(x.shape)]), order], { axis }), "int32");
  },

  TakeAlong: (b, { inputs: [x], values: [xv, indices], attrs: { axis } }) => {
    if (b.target.everyDType || x.dtype === "float32") return b.node("GatherElements", [xv!, indices!], { axis });
    return b.cast(b.node("GatherElements", [b.cast(xv!, "float32"), indices!], { axis }), x.dtype);
  },

  TakeAlongGrad: (b, { values: [dy, indices], output, attrs: { axis } }) => {
    const zeros = b.node("Expand", [b.float(0), b.ints(output.shape)]);
    return b.node("ScatterElements", [zeros, indices!, dy!], { axis, reduction: "add" });
  },

  CumSum: (b, { values: [x], attrs: { axis, reverse } }) =>
    b.node("CumSum", [x!, b.constant(Int32Array.of(axis), [], "int32")], { reverse: Number(reverse) }),
};
