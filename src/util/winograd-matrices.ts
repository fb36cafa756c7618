/*
 * F(4×4, 3×3) of Lavin & Gray 2016 (arXiv:1509.09308): an output tile of 4×4 pixels from an input tile of 6×6 by 36
 * products for each pair of channels, where the plain sum takes 144.
 */

/** Pixels along the side of an output tile. */
export const outerSide = 4;
/** Pixels along the side of an input tile. */
export const innerSide = 6;

/** Bᵀ, 6×6: what is multiplied, from the input. */
export const inputTransform = Float32Array.of(4, 0, -5, 0, 1, 0, 0, -4, -4, 1, 1, 0, 0, 4, -4, -1, 1, 0, 0, -2, -1, 2, 1, 0, 0, 2, -1, -2, 1, 0, 0, 4, 0, -5, 0, 1); // prettier-ignore
/** G, 6×3: what it is multiplied with, from the kernel. */
const kernelTransform = [1 / 4, 0, 0, -1 / 6, -1 / 6, -1 / 6, -1 / 6, 1 / 6, -1 / 6, 1 / 24, 1 / 12, 1 / 6, 1 / 24, -1 / 12, 1 / 6, 0, 0, 1]; // prettier-ignore
/** Aᵀ, 4×6: the output, from the products. */
export const outputTransform = Float32Array.of(
  1,
  1,
  1,
  1,
  1,
  0,
  0,
  1,
  -1,
  2,
  -2,
  0,
  0,
  1,
  1,
  4,
  4,
  0,
  0,
  1,
  -1,
  8,
  -8,
  1,
);

/** G ⊗ G, 36×9: both sides of a kernel at once. */
export const kernelTransform2d = kroneckerSquare(kernelTransform, 3);

/** A matrix [rows, columns], rows and columns exchanged. */
export function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** m ⊗ m of a matrix m [·, side]: what turns a tile, its taps one after the other, into m·tile·mᵀ by one product. */
export function kroneckerSquare(matrix: ArrayLike<number>, side: number): Float32Array<ArrayBuffer> {
  const rows = matrix.length / side;
  return Float32Array.from({ length: matrix.length ** 2 }, (_, at) => {
    const [to, from] = [Math.floor(at / side ** 2), at % side ** 2];
    const [y, x] = [Math.floor(to / rows), to % rows];
    return matrix[y * side + Math.floor(from / side)]! * matrix[x * side + (from % side)]!;
  });
}
