import { ShapeError } from "../../util/errors.ts";
import { expectDType } from "../expect.ts";
import { defineOp } from "../op.ts";
import { broadcast, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { transpose } from "./movement.ts";

export interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const MatMul = defineOp<[a: Tensor, b: Tensor], MatMulAttrs>({
  type: "MatMul",
  infer: ([a, b], { transposeA, transposeB }) => {
    expectDType("MatMul", "float32", a, b);
    const fail = () =>
      new ShapeError(
        `MatMul: expected […, m, k] and […, k, n], but received ${showShape(viewed(a, transposeA))} and ${showShape(viewed(b, transposeB))}`,
      );
    if (a.rank < 2 || b.rank < 2) throw fail();
    const [m, k] = viewed(a, transposeA).slice(-2) as [number, number];
    const [k2, n] = viewed(b, transposeB).slice(-2) as [number, number];
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (k !== k2 || !batch) throw fail();
    return { shape: [...batch, m, n], dtype: "float32" };
  },
  grad: (dy, { inputs: [a, b], attrs: { transposeA, transposeB } }) => [
    transposeA
      ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
      : matmul(dy, b, { transposeB: !transposeB }),
    transposeB
      ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, dy, { transposeA: !transposeA }),
  ],
});

/** The shape as the product sees it. */
function viewed(x: Tensor, transposed: boolean): readonly number[] {
  if (!transposed || x.rank < 2) return x.shape;
  return [...x.shape.slice(0, -2), x.shape.at(-1)!, x.shape.at(-2)!];
}

/**
 * Matrix product of the last two axes […, m, k] · […, k, n] → […, m, n], the axes before them broadcasting;
 * `transposeA` and `transposeB` read an operand with its last two axes exchanged. Throws a ShapeError for operands that
 * do not fit.
 * @example const c = matmul(a, b, { transposeB: true }); // [m, k] · [n, k] → [m, n]
 */
export function matmul(a: Tensor, b: Tensor, options: Partial<MatMulAttrs> = {}): Tensor {
  return MatMul([a, b], { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false });
}

/**
 * The last two axes exchanged.
 * @example const y = transposeLast(a); // […, m, n] → […, n, m]
 */
export function transposeLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}
