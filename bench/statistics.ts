import { median } from "../src/util/median.ts";

/** Median of the ratios of neighbours in time, over as many pairs as there are. */
export function medianRatio(numbers: readonly number[], own: readonly number[]): number {
  return median(numbers.slice(0, own.length).map((x, i) => x / own[i]!));
}

/** The b of y = a·xᵇ by least squares over the logarithms. */
export function fittedExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (axis: 0 | 1): number => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length;
  const [x0, y0] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}
