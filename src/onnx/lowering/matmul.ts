import type { GraphBuilder, Value } from "../builder.ts";
import type { Lowerings } from "./lowering.ts";

interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly rankA: number;
  readonly rankB: number;
}

/** A matrix product of optionally transposed operands. */
export function matmul(b: GraphBuilder, left: Value, right: Value, options: MatMulOptions): Value {
  const { transposeA = false, transposeB = false, rankA, rankB } = options;
  if (!transposeA && !transposeB) return b.node("MatMul", [left, right]);
  if (b.target.fusedMatMul)
    return b.node(
      "FusedMatMul",
      [left, right],
      { transA: Number(transposeA), transB: Number(transposeB) },
      "com.microsoft",
    );
  return b.node("MatMul", [
    transposeA ? b.transpose(left, lastExchanged(rankA)) : left,
    transposeB ? b.transpose(right, lastExchanged(rankB)) : right,
  ]);
}

function lastExchanged(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return [...axes.slice(0, -2), rank - 1, rank - 2];
}

export const matmulLowerings: Lowerings<"MatMul"> = {
  MatMul: (b, { inputs: [left, right], values: [l, r], attrs }) =>
    matmul(b, l!, r!, { ...attrs, rankA: left.rank, rankB: right.rank }),
};
