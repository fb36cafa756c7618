import type { Inputs } from "../../graph/op.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { convLowerings } from "./conv.ts";
import type { Lowered, Lowerings } from "./lowering.ts";

/** The lowering with its operands, and all that it computes with them, in float16; the result is float32 again. */
const inHalf =
  <In extends Inputs, Attrs>(lowering: (b: GraphBuilder, call: Lowered<In, Attrs>) => Value) =>
  (b: GraphBuilder, call: Lowered<In, Attrs>): Value => {
    const values = call.values.map((value) => (value === "" ? value : b.half(value)));
    return b.cast(
      b.inHalf(() => lowering(b, { ...call, values })),
      "float32",
    );
  };

/**
 * Convolutions in float16 (mixed precision, Micikevicius et al. 2018, arXiv:1710.03740). Not the gradient by the weights:
 * the WebGPU kernels add up in the type of their operands, and its sums go over all pixels of a batch.
 */
export const halfLowerings: Lowerings<"Conv" | "ConvTranspose"> = {
  Conv: inHalf(convLowerings.Conv),
  ConvTranspose: inHalf(convLowerings.ConvTranspose),
};
