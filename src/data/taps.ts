/** @file Resizes along one axis, as sparse matrices that are worked out once and used for every row or column. */

/**
 * A resize along one axis as a sparse matrix: output i is Σ_k weights[i·width + k] · input[starts[i] + k]. Every output
 * has the same number of taps; those not needed weigh 0.
 */
export interface Taps {
  readonly width: number;
  readonly starts: Int32Array;
  readonly weights: Float32Array;
}

/** The position in the input, in pixels, of every output row or column: corners on corners. */
export function axisPositions(from: number, to: number): Float32Array {
  const step = Math.fround(2 / (to - 1));
  const half = Math.fround((from - 1) / 2);
  return Float32Array.from({ length: to }, (_, i) => {
    // torch's linspace(−1, 1, to): from whichever end is nearer. One point alone lies at −1.
    const g =
      to === 1 ? -1 : i < Math.floor(to / 2) ? -1 + Math.fround(step * i) : 1 - Math.fround(step * (to - 1 - i));
    return Math.min(Math.max(Math.fround(Math.fround(Math.fround(g) + 1) * half), 0), from - 1);
  });
}

/** Bilinear interpolation with corners on corners. */
export function bilinearTaps(from: number, to: number): Taps {
  const width = Math.min(from, 2);
  const taps = emptyTaps(to, width);
  for (const [i, position] of axisPositions(from, to).entries()) {
    const start = Math.min(Math.floor(position), from - width);
    taps.starts[i] = start;
    taps.weights[i * width] = width === 1 ? 1 : 1 - (position - start);
    if (width === 2) taps.weights[i * width + 1] = position - start;
  }
  return taps;
}

/** Means over `to` windows that cover the input, as adaptive average pooling places them. */
export function averageTaps(from: number, to: number): Taps {
  const start = (i: number) => Math.floor((i * from) / to);
  const end = (i: number) => Math.ceil(((i + 1) * from) / to);
  const width = largest(to, (i) => end(i) - start(i));
  const taps = emptyTaps(to, width);
  for (let i = 0; i < to; i++) {
    taps.starts[i] = Math.min(start(i), from - width);
    const count = end(i) - start(i);
    taps.weights.fill(1 / count, i * width + start(i) - taps.starts[i]!, i * width + end(i) - taps.starts[i]!);
  }
  return taps;
}

/** `outer` after `inner`, as one. */
export function compose(outer: Taps, inner: Taps): Taps {
  const n = outer.starts.length;
  const first = (i: number) => inner.starts[outer.starts[i]!]!;
  const last = (i: number) => inner.starts[outer.starts[i]! + outer.width - 1]! + inner.width;
  const width = largest(n, (i) => last(i) - first(i));
  const taps = emptyTaps(n, width);
  const inputs = inner.starts.at(-1)! + inner.width;
  for (let i = 0; i < n; i++) {
    const start = Math.min(first(i), inputs - width);
    taps.starts[i] = start;
    for (let j = 0; j < outer.width; j++) {
      const middle = outer.starts[i]! + j;
      const weight = outer.weights[i * outer.width + j]!;
      for (let k = 0; k < inner.width; k++) {
        const at = i * width + inner.starts[middle]! + k - start;
        taps.weights[at]! += weight * inner.weights[middle * inner.width + k]!;
      }
    }
  }
  return taps;
}

function emptyTaps(outputs: number, width: number): Taps {
  return { width, starts: new Int32Array(outputs), weights: new Float32Array(outputs * width) };
}

function largest(n: number, value: (i: number) => number): number {
  let result = 0;
  for (let i = 0; i < n; i++) result = Math.max(result, value(i));
  return result;
}

/** The nearest input of every output, corners on corners; ties go to the even one. */
export function nearestIndices(from: number, to: number): Int32Array {
  return Int32Array.from(axisPositions(from, to), roundHalfToEven);
}

/** The nearest whole number; ties go to the even one, as in Python and torch. */
export function roundHalfToEven(value: number): number {
  const up = Math.floor(value + 0.5);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
