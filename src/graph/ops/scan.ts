import { expectNumbers } from "../expect.ts";
import { defineOp } from "../op.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export const CumSum = defineOp<[x: Tensor], { axis: number; reverse: boolean }>({
  type: "CumSum",
  infer: ([x]) => {
    expectNumbers("CumSum", x);
    return x;
  },
  grad: (dy, { attrs: { axis, reverse } }): [Tensor] => [CumSum([dy], { axis, reverse: !reverse })],
});

/**
 * Sums of all elements up to and including each, along an axis; in reverse, from each to the end.
 * @example const y = cumSum(x, 0);
 */
export const cumSum = (x: Tensor, axis: number, { reverse = false } = {}): Tensor =>
  CumSum([x], { axis: normalizeAxis("CumSum", axis, x.rank), reverse });
