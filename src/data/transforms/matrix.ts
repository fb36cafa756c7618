/**
 * A projective map of the plane, row by row: (x, y) goes to (m0·x + m1·y + m2, m3·x + m4·y + m5) / (m6·x + m7·y + m8).
 * x counts columns and y rows, both from −1 to 1 over a picture.
 */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];

export const identity: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** `a` after `b`. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a;
  const [b0, b1, b2, b3, b4, b5, b6, b7, b8] = b;
  return [
    a0 * b0 + a1 * b3 + a2 * b6,
    a0 * b1 + a1 * b4 + a2 * b7,
    a0 * b2 + a1 * b5 + a2 * b8,
    a3 * b0 + a4 * b3 + a5 * b6,
    a3 * b1 + a4 * b4 + a5 * b7,
    a3 * b2 + a4 * b5 + a5 * b8,
    a6 * b0 + a7 * b3 + a8 * b6,
    a6 * b1 + a7 * b4 + a8 * b7,
    a6 * b2 + a7 * b5 + a8 * b8,
  ];
}

/** Whether a map leaves every point where it is. */
export function isIdentity(matrix: Matrix): boolean {
  return matrix.every((value, i) => value === identity[i]);
}
